// What the explorers draw with, and nothing else of ECharts: three charts, their axes and tools, SVG.
import { BarChart, HeatmapChart, SankeyChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  AriaComponent,
  BarChart,
  DataZoomComponent,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  SankeyChart,
  SVGRenderer,
  TooltipComponent,
  VisualMapComponent,
]);

export { init };

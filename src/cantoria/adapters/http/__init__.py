"""Published formats over HTTP: witnesses and logs as servers, and the clients that speak to them."""

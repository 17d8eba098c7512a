"""The service's HTTP interface: routes, authentication, errors. It decides nothing by itself."""

"""Every procedure under four regimes, from the first step to the last: through the services, and through the pages."""

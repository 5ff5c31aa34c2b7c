"""Job offers: signs of deceptive recruitment, found in an advertisement and explained. A sign is a lead, no verdict."""

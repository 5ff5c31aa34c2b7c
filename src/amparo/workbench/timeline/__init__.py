"""When and where: times, places and cameras that evidence states, and numbers of a Case as charts."""

// On narrow screens the filters stand above the list: folded, so that the list comes first.
if (matchMedia("(max-width: 59.99rem)").matches) document.querySelector("[data-narrow]")?.removeAttribute("open");

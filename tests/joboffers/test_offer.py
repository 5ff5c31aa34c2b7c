from amparo.joboffers.offer import Offer


def test_parts_stand_where_the_offer_says() -> None:
    offer = Offer.of({"job_title": "Cook", "description": "In a canteen.", "salary_range": "", "fraudulent": "1"})
    assert offer.text == "Cook\nIn a canteen."
    assert (offer.part("title"), offer.part("description"), offer.part("pay")) == ("Cook", "In a canteen.", "")


def test_columns_that_are_no_part_of_an_offer_are_not_read() -> None:
    assert Offer.of({"telecommuting": "1", "group": "7"}).text == ""

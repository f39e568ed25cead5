from tests.carriers.contract import CarrierContract


class TestAfricasTalking(CarrierContract):
    name = "africastalking"

using Estream.Wire.Modbus.Polling;

namespace Estream.Wire.Modbus.Tests.Polling;

/// <summary>Devices of one endpoint share its connection, so their settings of the connection must not differ.</summary>
public sealed class SharedConnectionTests
{
    private static readonly ModbusClientOptions s_plain = new() { Host = "gateway", Port = 802 };

    private static readonly ModbusClientOptions s_serial = new() { Serial = new SerialLineOptions("/dev/ttyS0") };

    private static readonly string s_pin = $"spki-sha256/{new string('A', 43)}=";

    public static TheoryData<string> Different => ["tls", "pin", "in flight", "baud rate"];

    [Theory]
    [MemberData(nameof(Different))]
    public void Devices_with_different_settings_of_one_connection_are_refused(string difference)
    {
        (ModbusClientOptions first, ModbusClientOptions second) = difference switch
        {
            "tls" => (s_plain, s_plain with { Tls = new WireTlsOptions() }),
            "pin" => (s_plain with { Tls = new WireTlsOptions() }, s_plain with { Tls = Pinned() }),
            "in flight" => (s_plain, s_plain with { InFlight = 2 }),
            _ => (s_serial, s_serial with { Serial = s_serial.Serial! with { BaudRate = 9_600 } }),
        };

        WireConfigurationException refused = Assert.Throws<WireConfigurationException>(() => Check(first, second));

        Assert.Contains("devices 'a' and 'b'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_of_one_connection_may_differ_in_their_time_out()
    {
        Check(s_plain with { Tls = Pinned() }, s_plain with { Tls = Pinned(), TimeoutMs = 20 });
        Check(s_plain, s_plain with { Port = 803, InFlight = 4 });
    }

    private static WireTlsOptions Pinned() => new() { Pins = [WirePin.Parse(s_pin)] };

    private static void Check(ModbusClientOptions first, ModbusClientOptions second) => PollerChecks.Check(new ModbusPollerOptions
    {
        Devices =
        [
            new ModbusDeviceOptions { Name = "a", Unit = 1, Endpoint = first },
            new ModbusDeviceOptions { Name = "b", Unit = 2, Endpoint = second },
        ],
    });
}

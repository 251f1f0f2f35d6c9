using System.Globalization;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Cli.Tests.Modbus;

/// <summary>`estream modbus` against the server of pymodbus: register n has the value 7 n, and inputs alternate.</summary>
public sealed class ModbusCommandTests : IDisposable
{
    private const string Timeout = "20000";

    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Read_prints_each_register_and_bit_of_the_named_tables()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();

        CliResult text = await RunAsync(device, "read", "--holding", "10:2", "--input-registers", "3", "--inputs", "4:2", "--coils", "0");
        CliResult json = await RunAsync(device, "read", "--holding", "10:2", "--inputs", "5", "--json");

        Assert.Equal(
            ["holding 10 = 70 (0x0046)", "holding 11 = 77 (0x004D)", "coil 0 = 0", "input register 3 = 21 (0x0015)", "input 4 = 0",
                "input 5 = 1"],
            text.Lines);
        Assert.Equal(
            ["""{"table":"holding","address":10,"value":70}""", """{"table":"holding","address":11,"value":77}""",
                """{"table":"inputs","address":5,"value":1}"""],
            json.Lines);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Read_divides_a_range_that_is_longer_than_a_request()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();

        CliResult result = await RunAsync(device, "read", "--holding", "100:300", "--json");

        Assert.Equal(
            Enumerable.Range(100, 300).Select(address => string.Create(
                CultureInfo.InvariantCulture, $$"""{"table":"holding","address":{{address}},"value":{{7 * address}}}""")),
            result.Lines);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Read_prints_registers_as_numbers_of_a_type_and_an_order()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();

        // 0x4020 0x0000 is 2.5, and 0xFFFE has no decimal digits.
        await RunAsync(device, "write", "--holding", "20=16416,0,0,16416,4660,65534");

        CliResult real = await RunAsync(device, "read", "--holding", "20", "--type", "float32", "--json");
        CliResult swapped = await RunAsync(device, "read", "--holding", "22", "--type", "float32", "--order", "CDAB");
        CliResult bcd = await RunAsync(device, "read", "--holding", "24:2", "--type", "bcd16");
        CliResult signed = await RunAsync(device, "read", "--holding", "24", "--type", "int32", "--coils", "0");

        CliResult bytes = await RunAsync(device, "read", "--holding", "24", "--order", "BADC");

        Assert.Equal(["holding 24 = 13330 (0x1234)"], bytes.Lines);
        Assert.Equal(["""{"table":"holding","address":20,"value":2.5}"""], real.Lines);
        Assert.Equal(["holding 22 = 2.5 (0x00004020)"], swapped.Lines);
        Assert.Equal(["holding 24 = 1234 (0x1234)", "holding 25 = not a bcd16 (0xFFFE)"], bcd.Lines);
        Assert.Equal(["holding 24 = 305463294 (0x1234FFFE)", "coil 0 = 0"], signed.Lines);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Write_writes_and_prints_what_the_device_has_afterwards()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();

        CliResult written = await RunAsync(device, "write", "--holding", "20=1500,2", "--coils", "3=1");
        CliResult read = await RunAsync(device, "read", "--holding", "19:4", "--coils", "2:3");

        Assert.Equal(["holding 20 = 1500 (0x05DC)", "holding 21 = 2 (0x0002)", "coil 3 = 1"], written.Lines);
        Assert.Equal(
            ["holding 19 = 133 (0x0085)", "holding 20 = 1500 (0x05DC)", "holding 21 = 2 (0x0002)", "holding 22 = 154 (0x009A)",
                "coil 2 = 0", "coil 3 = 1", "coil 4 = 0"],
            read.Lines);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task Scan_prints_the_units_that_answer_with_their_identification()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();

        CliResult text = await RunAsync(device, "scan", "--from", "2", "--to", "3");
        CliResult json = await RunAsync(device, "scan", "--from", "3", "--to", "3", "--json");

        Assert.Equal(["unit 2: Peer PM 3.0", "unit 3: Peer PM 3.0"], text.Lines);
        Assert.Equal(["""{"unit":3,"vendor":"Peer","product":"PM","revision":"3.0"}"""], json.Lines);
    }

    [PeerFact(PymodbusServer.File, PymodbusServer.Package)]
    public async Task An_exception_of_the_device_is_reported_with_exit_code_1()
    {
        using PymodbusServer device = PymodbusServer.StartTcp();

        (await RunAsync(device, "read", "--holding", "5000")).AssertFailed(ExitCode.No, "holding 5000", "IllegalDataAddress");
        (await RunAsync(device, "write", "--coils", "5000=1")).AssertFailed(ExitCode.No, "coil 5000", "IllegalDataAddress");
    }

    [Theory]
    [InlineData("--holding takes ADDRESS or ADDRESS:COUNT", "read", "--holding", "65535:2")]
    [InlineData("--inputs takes ADDRESS or ADDRESS:COUNT", "read", "--inputs", "1:2:3")]
    [InlineData("Name what to read", "read")]
    [InlineData("--holding takes ADDRESS=VALUE", "write", "--holding", "1=65536")]
    [InlineData("--coils takes ADDRESS=VALUE", "write", "--coils", "1=2")]
    [InlineData("double", "read", "--holding", "1", "--type", "double")]
    [InlineData("--coils takes ADDRESS=VALUE", "write", "--coils", "1")]
    [InlineData("--unit takes 0 to 255", "read", "--unit", "256", "--holding", "1")]
    public async Task A_wrong_argument_is_reported_before_anything_is_sent(string message, string verb, params string[] arguments)
    {
        (await _data.RunAsync(["modbus", verb, "127.0.0.1:1", .. arguments])).AssertFailed(ExitCode.Failed, message);
    }

    [Fact]
    public async Task A_device_that_cannot_be_reached_is_named()
    {
        string address = $"127.0.0.1:{FreePort.Next()}";

        (await _data.RunAsync("modbus", "read", address, "--holding", "0")).AssertFailed(ExitCode.Failed, address, "cannot be reached");
    }

    private Task<CliResult> RunAsync(PymodbusServer device, string verb, params string[] arguments) =>
        _data.RunAsync(["modbus", verb, $"127.0.0.1:{device.Port}", "--timeout", Timeout, .. arguments]);
}

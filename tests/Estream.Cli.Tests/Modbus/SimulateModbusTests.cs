using Estream.Testing;

namespace Estream.Cli.Tests.Modbus;

/// <summary>`estream simulate modbus`, read by pymodbus and by `estream modbus read`.</summary>
public sealed class SimulateModbusTests : IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [PeerFact("/usr/lib/python3/dist-packages/pymodbus/client/tcp.py", "python3-pymodbus")]
    public async Task A_client_of_another_implementation_reads_and_writes_and_the_temperature_follows_the_set_point()
    {
        using ChildProcess simulator = ChildProcess.Start(
            "env", ["--default-signal=INT", "dotnet", BuiltProgram.Cli, "simulate", "modbus", "--port", "0", "--every", "5"]);
        string port = simulator.WaitForMatch("127.0.0.1:([0-9]+)").Groups[1].Value;

        ProcessResult peer = ChildProcess.Run(
            "/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Modbus", "pymodbus_client.py"), port]).EnsureSuccess();
        await Eventually.TrueAsync(
            async () => (await ReadAsync(port)).Contains("input register 0 = 205 (0x00CD)"), "the temperature is reached");

        Assert.Equal("constants [10, 11, 12]\nset-point False [205]\ncoils False [True, False, True]\nbeyond 2\n", peer.Output);
        Assert.Equal(["input register 0 = 205 (0x00CD)", "input 0 = 0"], await ReadAsync(port));
        simulator.Signal("INT");
        Assert.Equal(0, simulator.WaitForExit().ExitCode);
    }

    private async Task<string[]> ReadAsync(string port) =>
        (await _data.RunAsync("modbus", "read", $"127.0.0.1:{port}", "--input-registers", "0", "--inputs", "0", "--timeout", "20000"))
            .Lines;
}

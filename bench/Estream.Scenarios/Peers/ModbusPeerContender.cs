using System.Diagnostics;
using System.Globalization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Peers;

/// <summary>A peer of `modbus-poll` in its own process: libmodbus in the C++ program, or pymodbus in Python. Both send one request at a
/// time to the device that this contender also starts.</summary>
internal sealed class ModbusPeerContender : IContender
{
    public const string NativeCommand = "modbus-poll";

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_roundLimit = TimeSpan.FromSeconds(100);

    private readonly ChildProcess _device;
    private readonly ChildProcess _client;

    private ModbusPeerContender(ContenderContext context, int portion, ProcessStartInfo start)
    {
        _device = ModbusAnswerer.Start(out int port);
        foreach ((string name, long value) in new (string, long)[]
        {
            ("--port", port), ("--polls", ModbusPollContender.PollsOf(context.Size) / portion),
            ("--registers", ModbusPollContender.Registers),
        })
        {
            start.ArgumentList.Add(name);
            start.ArgumentList.Add(value.ToString(CultureInfo.InvariantCulture));
        }

        _client = new ChildProcess(SelfProcess.Start(start), "a client of modbus-poll");
        _client.Expect("ready", s_startLimit);
    }

    public static ModbusPeerContender LibModbus(ContenderContext context) =>
        new(context, 1, new ProcessStartInfo(NativePeers.BuiltProgram, [NativeCommand]));

    public static ModbusPeerContender PyModbus(ContenderContext context, int portion) => new(context, portion,
        new ProcessStartInfo("/usr/bin/python3", [Path.Combine(NativePeers.FindBench(), "peers", "python", "pymodbus_poll.py")]));

    public RunResult Run()
    {
        _client.Send("run");
        return RunResult.Parse(_client.Receive(s_roundLimit));
    }

    public void Dispose()
    {
        _client.Dispose();
        _device.Dispose();
    }
}

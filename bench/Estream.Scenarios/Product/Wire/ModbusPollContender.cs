using System.Diagnostics;
using Estream.Scenarios.Harness;
using Estream.Wire.Modbus;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `modbus-poll`: the client of the field tools, one request in flight.</summary>
internal sealed class ModbusPollContender : IContender
{
    /// <summary>The registers of a poll.</summary>
    public const int Registers = 10;

    private readonly long _polls;
    private readonly ChildProcess _device;
    private readonly ModbusClient _client;
    private readonly ushort[] _registers = new ushort[Registers];

    public ModbusPollContender(ContenderContext context)
    {
        _polls = PollsOf(context.Size);
        _device = ModbusAnswerer.Start(out int port);
        _client = ModbusClient.ConnectAsync(new ModbusClientOptions { Port = port, TimeoutMs = 30_000 }).GetAwaiter().GetResult();
    }

    /// <summary>Returns the polls of a round.</summary>
    public static long PollsOf(RunSize size) => size.Of(50_000, 100);

    public RunResult Run()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        ulong sum = PollAsync().GetAwaiter().GetResult();
        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new RunResult(_polls, elapsed) { AllocatedBytes = allocated, Check = sum };
    }

    public void Dispose()
    {
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _device.Dispose();
    }

    private async Task<ulong> PollAsync()
    {
        ulong sum = 0;
        for (long poll = 0; poll < _polls; poll++)
        {
            ModbusResult result = await _client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 1, _registers)
                .ConfigureAwait(false);
            sum += result.IsOk ? _registers[Registers - 1] : throw new ScenarioException($"a poll failed: {result.Describe()}");
        }

        return sum;
    }
}

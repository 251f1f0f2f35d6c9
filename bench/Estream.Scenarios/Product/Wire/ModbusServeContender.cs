using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>A row of `modbus-serve`: a server in a child process, and a master that reads 10 registers with one request in
/// flight.</summary>
internal sealed class ModbusServeContender : IContender
{
    /// <summary>The registers of a read; register n has the value n.</summary>
    public const int Registers = 10;

    private const int HeaderBytes = 9;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    private readonly long _reads;
    private readonly ChildProcess _server;
    private readonly Socket _master = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _response = new byte[HeaderBytes + (2 * Registers)];

    private ModbusServeContender(ContenderContext context, int portion, Process server)
    {
        _reads = context.Size.Of(50_000, 100) / portion;
        _server = new ChildProcess(server, "a server of modbus-serve");
        int port = int.Parse(_server.Receive(s_startLimit)["port ".Length..], CultureInfo.InvariantCulture);
        _master.Connect(new IPEndPoint(IPAddress.Loopback, port));
    }

    public static ModbusServeContender Product(ContenderContext context) =>
        new(context, 1, SelfProcess.Start(EstreamModbusServer.Role, context.Directory));

    public static ModbusServeContender PyModbus(ContenderContext context, int portion) => new(context, portion, SelfProcess.Start(
        new ProcessStartInfo("/usr/bin/python3", [Path.Combine(NativePeers.FindBench(), "peers", "python", "pymodbus_serve.py")])));

    public RunResult Run()
    {
        byte[] request = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, Registers];
        ulong sum = 0;
        long start = Stopwatch.GetTimestamp();
        for (long read = 0; read < _reads; read++)
        {
            _master.Send(request);
            for (int received = 0; received < _response.Length;)
            {
                int count = _master.Receive(_response.AsSpan(received));
                received += count > 0 ? count : throw new ScenarioException("the server of modbus-serve closed the connection");
            }

            sum += _response[7] == 3 ? _response[^1] : throw new ScenarioException($"a read failed: exception {_response[8]}");
        }

        return new RunResult(_reads, RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start)) { Check = sum };
    }

    public void Dispose()
    {
        _master.Dispose();
        _server.Dispose();
    }
}

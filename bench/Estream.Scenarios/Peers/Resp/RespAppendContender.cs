using System.Diagnostics;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>
/// A Redis row of `remote-append`: pipelined XADD with one field, with a thread that sends and a thread that counts replies. The commands
/// are encoded beforehand. The stream is deleted after each round, outside of the measured time.
/// </summary>
internal sealed class RespAppendContender : IContender
{
    private const int BlockMessages = 500;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(100);

    private readonly IRespServer _server;
    private readonly int _blocks;
    private readonly byte[] _block;
    private readonly byte[] _length = RespSocket.Encode("XLEN"u8.ToArray(), "remote"u8.ToArray());
    private readonly byte[] _delete = RespSocket.Encode("DEL"u8.ToArray(), "remote"u8.ToArray());
    private readonly RespSocket _socket;
    private readonly SemaphoreSlim _room = new(RemoteWorkload.Window / BlockMessages);
    private RespLines _lines = new();

    public RespAppendContender(IRespServer server, int messages)
    {
        _server = server;
        _blocks = messages / BlockMessages;
        byte[] command = RespSocket.Encode(
            "XADD"u8.ToArray(), "remote"u8.ToArray(), "*"u8.ToArray(), "m"u8.ToArray(), RemoteWorkload.Message());
        _block = [.. Enumerable.Repeat(command, BlockMessages).SelectMany(bytes => bytes)];
        _socket = new RespSocket(server.Port);
    }

    public RunResult Run()
    {
        int messages = _blocks * BlockMessages;
        long start = Stopwatch.GetTimestamp();
        var sending = new Thread(Send) { IsBackground = true };
        sending.Start();
        int acknowledged = 0;
        while (acknowledged < messages)
        {
            int before = acknowledged / BlockMessages;
            acknowledged += _socket.CountBulks(ref _lines);
            if (acknowledged / BlockMessages > before)
            {
                _room.Release((acknowledged / BlockMessages) - before);
            }
        }

        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        sending.Join();
        Require(_length, $":{messages}");
        Require(_delete, ":1");
        return new RunResult(messages, elapsed) { Check = (ulong)messages };
    }

    public void Dispose()
    {
        _socket.Dispose();
        _room.Dispose();
        _server.Dispose();
    }

    private void Send()
    {
        for (int block = 0; block < _blocks; block++)
        {
            if (!_room.Wait(s_limit))
            {
                // The receiving thread reports why: its time limit is shorter.
                return;
            }

            _socket.Send(_block);
        }
    }

    private void Require(byte[] command, string expected)
    {
        _socket.Send(command);
        string reply = _socket.ReceiveLine();
        if (reply != expected)
        {
            throw new ScenarioException($"the server answered '{reply}' where '{expected}' was expected");
        }
    }
}

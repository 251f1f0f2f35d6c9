using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>A row of `remote-map-get`: GET of a RESP server over a blocking socket, with commands encoded beforehand.</summary>
internal sealed class RespGetContender : IContender
{
    private readonly IRespServer _server;
    private readonly Samples _samples;
    private readonly byte[][] _commands;
    private readonly RespSocket _socket;

    public RespGetContender(IRespServer server, RunSize size)
    {
        _server = server;
        _samples = new Samples(RemoteWorkload.Gets(size));
        byte[][] keys = RemoteWorkload.Keys();
        _commands = [.. keys.Select(key => RespSocket.Encode("GET"u8.ToArray(), key))];
        _socket = new RespSocket(server.Port);
        for (int entry = 0; entry < keys.Length; entry++)
        {
            _socket.Send(RespSocket.Encode("SET"u8.ToArray(), keys[entry], RemoteWorkload.ValueOf(entry)));
            if (_socket.ReceiveLine() is not "+OK" and string refused)
            {
                throw new ScenarioException($"the server answered '{refused}' to SET");
            }
        }
    }

    public RunResult Run()
    {
        ulong check = 0;
        for (int get = 0; get < _samples.Count; get++)
        {
            int entry = RemoteWorkload.EntryOf(get);
            long before = Samples.Now();
            _socket.Send(_commands[entry]);
            ReadOnlySpan<byte> value = _socket.ReceiveBulk();
            _samples.Set(get, before, Samples.Now());
            check += RemoteWorkload.Check(value, entry);
        }

        return _samples.Round(check);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _server.Dispose();
    }
}

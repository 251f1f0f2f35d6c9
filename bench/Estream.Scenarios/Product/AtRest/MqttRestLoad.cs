using System.Diagnostics;

namespace Estream.Scenarios.Product;

/// <summary>Evenly distributed MQTT messages; a rate of 0 leaves the connections silent.</summary>
internal sealed class MqttRestLoad : IRestLoad
{
    private readonly int _perSecond;
    private readonly IMqttServer _server;
    private readonly MqttSenders _senders;

    public MqttRestLoad(IMqttServer server, int perSecond)
    {
        _perSecond = perSecond;
        _server = server;
        _senders = new MqttSenders(server.Port);
    }

    public int ProcessId => _server.ProcessId;

    public ulong Run(TimeSpan time)
    {
        long sent = SendEvenly(time);
        _server.Await(sent);
        return (ulong)sent;
    }

    public void RequireWhole() => _server.RequireWhole();

    public void Dispose()
    {
        _senders.Dispose();
        _server.Dispose();
    }

    // A sender that is late catches up.
    private long SendEvenly(TimeSpan time)
    {
        long total = (long)(_perSecond * time.TotalSeconds);
        long start = Stopwatch.GetTimestamp();
        long sent = 0;
        while (true)
        {
            TimeSpan passed = Stopwatch.GetElapsedTime(start);
            for (long due = Math.Min(total, (long)(_perSecond * passed.TotalSeconds)); sent < due; sent++)
            {
                _senders.Send(sent);
            }

            if (passed >= time && sent == total)
            {
                return sent;
            }

            Thread.Sleep(_perSecond == 0 ? time : TimeSpan.FromMilliseconds(1));
        }
    }
}

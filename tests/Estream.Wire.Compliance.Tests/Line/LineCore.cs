using Estream.Core;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>State shared by the connections of a line adapter.</summary>
internal sealed class LineCore(LineOptions options, AdapterContext context, IngressRoutes routes, AdapterEventLog log, LineFault fault)
{
    private int _connections;
    private long _received;
    private long _rejected;
    private long _bytes;

    public LineOptions Options => options;

    public IngressRoutes Routes => routes;

    public LineFault Fault => fault;

    public IClock Clock => context.Clock;

    public string Secret { get; set; } = "";

    public int Connections => Volatile.Read(ref _connections);

    public long Received => Interlocked.Read(ref _received);

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Bytes => Interlocked.Read(ref _bytes);

    public IngressWriter CreateWriter()
    {
        return new IngressWriter(routes, context, log);
    }

    public void Tell(AdapterEventKind kind, string detail)
    {
        if (fault == LineFault.TellsEverything)
        {
            context.Events(new AdapterEvent(context.Clock.UtcNanos, context.Name, kind, detail));
        }
        else if (fault != LineFault.TellsNothing)
        {
            log.Report(kind, detail);
        }
    }

    public void CountConnection(int change)
    {
        Interlocked.Add(ref _connections, change);
    }

    public void CountRejected()
    {
        Interlocked.Increment(ref _rejected);
    }

    public void CountMessage(int bytes, bool isLetter)
    {
        if (fault != LineFault.CountsNothing)
        {
            Interlocked.Increment(ref _received);
            Interlocked.Add(ref _bytes, bytes);
            Interlocked.Add(ref _rejected, isLetter ? 1 : 0);
        }
    }
}

/// <summary>The settings of a line adapter.</summary>
internal sealed record LineOptions(int Port, bool Dials, WireSecret Password, TimeSpan Silence, TimeSpan LongestWait);

namespace Estream.Streams.Operators.Keyed;

/// <summary>Results that somebody is told, and again after a kill: who is told keeps nothing that would say what was.</summary>
internal sealed class ObserverOutput<TResult>(EventObserver<TResult> handler) : Output<TResult>
    where TResult : allows ref struct
{
    public override bool IsEmpty => true;

    public override bool IsCounted => false;

    public override bool Has(long made) => true;

    public override void GoTo(long made)
    {
    }

    public override bool Push(scoped in TResult result)
    {
        handler(in result);
        return true;
    }

    public override void Flush()
    {
    }

    public override void Retract()
    {
    }
}

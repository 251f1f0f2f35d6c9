namespace Estream.Streams.Operators.Keyed;

/// <summary>Passes results to an observer. After a crash, the observer receives the latest results again, because no record is kept of the
/// results it received.</summary>
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

namespace Estream.Esf.Internal;

/// <summary>What becomes of the private values of a message that is copied.</summary>
internal abstract class PrivateValues
{
    /// <summary>Whether records are written anew also where nothing in them is private, so that their regions stand in the order of their
    /// fields.</summary>
    public virtual bool OrdersRecords => false;

    /// <summary>Writes the region that a private field has in the copy.</summary>
    /// <param name="field">The field, which is there.</param>
    /// <param name="record">Its record.</param>
    /// <param name="copy">The copy.</param>
    public abstract EsfError Write(FieldPlan field, ReadOnlySpan<byte> record, ref RecordCopy copy);

    /// <summary>Writes the region that a tokenized field has in the copy: what it was, if nothing else is said.</summary>
    /// <param name="field">The field.</param>
    /// <param name="region">What stands there.</param>
    /// <param name="copy">The copy.</param>
    public virtual EsfError WriteTokenized(FieldPlan field, ReadOnlySpan<byte> region, ref RecordCopy copy) =>
        copy.TryAppend(region) ? EsfError.None : EsfError.DestinationTooSmall;
}

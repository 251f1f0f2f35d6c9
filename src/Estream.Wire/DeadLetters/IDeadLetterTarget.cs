namespace Estream.Wire;

/// <summary>An adapter whose dead letters contain topic and payload as received, so that the host can store them again.</summary>
internal interface IDeadLetterTarget
{
    /// <summary>Creates a writer with the mappings of the adapter. The caller disposes it.</summary>
    IngressWriter CreateDeadLetterWriter();
}

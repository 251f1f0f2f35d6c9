namespace Estream.Wire.Iso20022.Folders;

/// <summary>The metrics of a folder.</summary>
internal static class FolderMetrics
{
    /// <summary>Registers the metrics of a folder until the result is disposed.</summary>
    public static AdapterMetrics Of(string adapter, FolderWork work) => new AdapterMetrics(adapter)
        .AddCounter("estream.iso20022.stored", "{message}", "Messages, and parts of messages, stored in queues.", () => work.Stored)
        .AddCounter("estream.iso20022.refused", "{file}", "Files refused.", () => work.Refused)
        .AddCounter("estream.iso20022.bytes", "By", "Bytes of files read completely.", () => work.Bytes)
        .AddGauge("estream.iso20022.held_up", null, "1 while a file cannot be read or moved, else 0.", () => work.Failure is null ? 0 : 1);
}

namespace Estream.Queue.TestProcess;

/// <summary>Opens a queue as its test does: with the master keys in the file beside it, if there is one.</summary>
public static class QueueAccess
{
    /// <summary>The file of the master keys of a queue in a test.</summary>
    public static string KeyFile(string directory) => directory + ".keys";

    /// <summary>The master keys of a queue in a test; nothing for one in clear.</summary>
    public static QueueKeyRing? Keys(string directory) => File.Exists(KeyFile(directory))
        ? QueueKeyRing.FromFile(KeyFile(directory))
        : null;

    internal static EstreamQueue Open(string directory, QueueOptions? options = null) =>
        EstreamQueue.Open(directory, (options ?? new QueueOptions()) with { Keys = Keys(directory) });

    internal static EstreamQueue OpenReadOnly(string directory) =>
        EstreamQueue.OpenReadOnly(directory, new QueueOptions { Keys = Keys(directory) });
}

using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Copies that are equal to their source byte for byte.
public sealed partial class EstreamQueue
{
    /// <summary>The retention limits of this object's options.</summary>
    internal RetentionLimits Limits => RetentionLimits.Of(_options);

    /// <summary>Opens a copy of a queue for its only writer, and creates the copy if it does not exist.</summary>
    /// <exception cref="EstreamFormatException">The directory contains another queue.</exception>
    internal static EstreamQueue OpenCopy(string directory, long sourceId, QueueOptions options, bool hasSmallStart)
    {
        options.Validate();
        QueueFiles files = QueueFiles.OpenOrCreate(Path.GetFullPath(directory), options, copyOf: sourceId, hasSmallStart);
        if (files.QueueId != sourceId)
        {
            throw new EstreamFormatException(
                $"'{directory}' contains queue {files.QueueId:x16}, which is not a copy of queue {sourceId:x16}. Choose an empty "
                + "directory.",
                directory);
        }

        RecoveryRunner.RunIfDue(files, options);
        return new EstreamQueue(files, options, isReadOnly: false).Limited();
    }
}

using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Media;

/// <summary>Reads the manifests of a queue.</summary>
internal static class MediaManifests
{
    /// <summary>Returns the ids of all complete objects, in hexadecimal digits. Scans the queue.</summary>
    public static HashSet<string> Ids(EstreamQueue queue)
    {
        HashSet<string> complete = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out MediaManifestRecord.View manifest))
            {
                complete.Add(Convert.ToHexStringLower(manifest.Object));
            }
        }

        return complete;
    }
}

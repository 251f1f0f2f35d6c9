using System.Text;

namespace Estream.Host.Http;

/// <summary>One server-sent event, encoded once and sent to every client as the same bytes.</summary>
internal static class EventFrame
{
    private static readonly byte[] s_end = "\n\n"u8.ToArray();

    /// <param name="kind">What it is about, which is its name on the wire.</param>
    /// <param name="json">Compact JSON: a line feed inside would end the event early, and JSON escapes them.</param>
    public static byte[] Encode(EventKind kind, ReadOnlySpan<byte> json)
    {
        string name = kind == EventKind.Overview ? "overview" : "messages";
        byte[] head = Encoding.ASCII.GetBytes($"event: {name}\ndata: ");
        byte[] frame = new byte[head.Length + json.Length + s_end.Length];
        head.CopyTo(frame, 0);
        json.CopyTo(frame.AsSpan(head.Length));
        s_end.CopyTo(frame, head.Length + json.Length);
        return frame;
    }
}

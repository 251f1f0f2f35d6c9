using System.Globalization;
using System.Text;
using Estream.Queue;

namespace Estream.Wire.Fix.TestProcess;

/// <summary>The content that the test process writes to a journal, shared with the tests.</summary>
public static class JournalScript
{
    /// <summary>The maximum message length in bytes.</summary>
    public const int MaxMessageBytes = 1_024;

    /// <summary>The start of an output line that acknowledges a message.</summary>
    public const string Stored = "stored ";

    /// <summary>The queue options of the journal, with small segments, so that retention continuously deletes segments.</summary>
    public static QueueOptions Options { get; } = new() { SegmentBytes = 64 * 1024, RetainedBytes = 512 * 1024 };

    /// <summary>The message of a number; its length and content differ from the messages of adjacent numbers.</summary>
    public static byte[] Message(long number)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetBytes($"message {text} {new string((char)('a' + (number % 26)), (int)(number * 37 % 700))}");
    }
}

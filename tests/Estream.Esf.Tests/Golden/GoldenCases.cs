using System.Globalization;
using System.Text;

namespace Estream.Esf.Tests.Golden;

/// <summary>
/// A golden file of cases. Each case begins with <c>=== name</c>, followed by the input of the library and then by the resulting messages,
/// each after <c>!!! </c>. The file shows the messages as the author of a schema sees them.
/// </summary>
/// <remarks>
/// A line that begins with <c>&lt;REPEAT n&gt;</c> is repeated n times, for long inputs. In such a line, <c>&lt;I&gt;</c> is the number of
/// the copy, from 0, and <c>&lt;LF&gt;</c> is a line feed.
/// </remarks>
internal static class GoldenCases
{
    private const string CaseMark = "=== ";
    private const string MessageMark = "!!! ";
    private const string RepeatMark = "<REPEAT ";

    /// <summary>Returns the cases by name, without their messages: the text in the file, and the input of the library.</summary>
    public static IEnumerable<(string Name, string Written, string Input)> Read(string path)
    {
        string? name = null;
        StringBuilder written = new();
        foreach (string line in File.ReadAllLines(path))
        {
            if (line.StartsWith(CaseMark, StringComparison.Ordinal))
            {
                if (name is not null)
                {
                    yield return (name, written.ToString(), Given(written.ToString()));
                }

                name = line[CaseMark.Length..];
                written.Clear();
            }
            else if (!line.StartsWith(MessageMark, StringComparison.Ordinal))
            {
                written.Append(line).Append('\n');
            }
        }

        yield return (name!, written.ToString(), Given(written.ToString()));
    }

    /// <summary>Runs every case and compares the whole file; a case without a message fails.</summary>
    public static void AssertSame(string path, Func<string, string, IEnumerable<object>> messagesOf)
    {
        StringBuilder actual = new();
        foreach ((string name, string written, string input) in Read(path))
        {
            actual.Append(CaseMark).Append(name).Append('\n').Append(written);
            object[] messages = [.. messagesOf(name, input)];
            Assert.True(messages.Length > 0, $"{name}: no mistake was found");
            foreach (object message in messages)
            {
                actual.Append(MessageMark).Append(message).Append('\n');
            }
        }

        GoldenFile.AssertSame(path, actual.ToString());
    }

    private static string Given(string written)
    {
        if (!written.Contains(RepeatMark, StringComparison.Ordinal))
        {
            return written;
        }

        StringBuilder text = new();
        foreach (string line in written.Split('\n')[..^1])
        {
            int times = 1;
            string content = line;
            if (line.StartsWith(RepeatMark, StringComparison.Ordinal))
            {
                int end = line.IndexOf('>', StringComparison.Ordinal);
                times = int.Parse(line.AsSpan(RepeatMark.Length, end - RepeatMark.Length), NumberStyles.None, CultureInfo.InvariantCulture);
                content = line[(end + 1)..].Replace("<LF>", "\n", StringComparison.Ordinal);
            }

            for (int i = 0; i < times; i++)
            {
                text.Append(times == 1
                    ? content : content.Replace("<I>", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)).Append('\n');
            }
        }

        return text.ToString();
    }
}

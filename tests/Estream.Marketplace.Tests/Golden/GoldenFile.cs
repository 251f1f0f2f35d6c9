using System.Text;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Golden;

/// <summary>
/// A committed file of cases. Each case begins with <c>=== name</c>, followed by the input and the expected messages, each prefixed with
/// <c>!!! </c>. <c>ESTREAM_ACCEPT=1</c> rewrites the messages, so that a change is visible in review.
/// </summary>
internal static class GoldenFile
{
    private const string CaseMark = "=== ";
    private const string MessageMark = "!!! ";

    /// <summary>Runs every case and compares the whole file; a case without a message fails.</summary>
    public static void AssertSame(string file, Func<string, IEnumerable<string>> messagesOf)
    {
        string path = RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Golden", file);
        StringBuilder actual = new();
        foreach (string written in ("\n" + File.ReadAllText(path)).Split("\n" + CaseMark)[1..])
        {
            string[] lines = [.. written.TrimEnd('\n').Split('\n').Where(line => !line.StartsWith(MessageMark, StringComparison.Ordinal))];
            string[] messages = [.. messagesOf(string.Join('\n', lines[1..]))];
            Assert.True(messages.Length > 0, $"{lines[0]}: no message was produced");
            actual.Append(CaseMark).AppendJoin('\n', lines).Append('\n');
            foreach (string message in messages)
            {
                actual.Append(MessageMark).Append(message).Append('\n');
            }
        }

        if (Environment.GetEnvironmentVariable("ESTREAM_ACCEPT") == "1")
        {
            File.WriteAllText(path, actual.ToString());
        }

        Assert.Equal(File.ReadAllText(path), actual.ToString());
    }
}

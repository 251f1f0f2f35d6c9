namespace Estream.Host.Tests.Components;

/// <summary>A file that is being appended to, as far as its lines are whole.</summary>
internal static class CompleteLines
{
    public static IEnumerable<byte[]> ToLines(this byte[] content)
    {
        int from = 0;
        for (int end; (end = Array.IndexOf(content, (byte)'\n', from)) >= 0; from = end + 1)
        {
            yield return content[from..end];
        }
    }
}

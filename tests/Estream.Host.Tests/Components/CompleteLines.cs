namespace Estream.Host.Tests.Components;

/// <summary>The complete lines of a file that another process appends to.</summary>
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

using System.Globalization;
using System.Text;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries.Git;

/// <summary>The files of one commit. Read from Git's own store: nothing is checked out, so that links and names in it do nothing.
/// Thread-safe.</summary>
/// <param name="git">The program.</param>
/// <param name="commit">The commit; none has no files.</param>
internal sealed class GitFileSource(GitCommand git, string? commit) : IFileSource
{
    private const int MaxAnswerBytes = 4096;

    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        FilePaths.Require(path);
        if (commit is null)
        {
            return null;
        }

        // A directory has no size that says anything, and is no file.
        string name = $"{commit}:{path}";
        GitAnswer kind = await git.TryRunAsync(["cat-file", "-t", name], MaxAnswerBytes, cancellation).ConfigureAwait(false);
        if (kind.ExitCode != 0 || Text(kind.Output) != "blob")
        {
            return null;
        }

        long size = long.Parse(Text(await git.RunAsync(["cat-file", "-s", name], MaxAnswerBytes, cancellation).ConfigureAwait(false)),
            CultureInfo.InvariantCulture);
        return size <= maxBytes
            ? await git.RunAsync(["cat-file", "blob", name], maxBytes, cancellation).ConfigureAwait(false)
            : throw new EstreamContentException($"The file '{path}' of the commit {commit} has {size} bytes; it may have {maxBytes}.",
                path);
    }

    internal static string Text(byte[] output) => Encoding.UTF8.GetString(output).Trim();
}

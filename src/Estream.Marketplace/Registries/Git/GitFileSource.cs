using System.Globalization;
using System.Text;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries.Git;

/// <summary>The files of one commit, read from the object store of Git. Nothing is checked out, so symbolic links and special names have no
/// effect. Thread-safe.</summary>
/// <param name="git">Runs Git.</param>
/// <param name="commit">The commit; null for no files.</param>
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

        // Only blobs are files; the path may also name a tree, whose size has no meaning here.
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
            : throw new EstreamContentException($"The file '{path}' of the commit {commit} has {size} bytes; the limit is {maxBytes}.",
                path);
    }

    internal static string Text(byte[] output) => Encoding.UTF8.GetString(output).Trim();
}

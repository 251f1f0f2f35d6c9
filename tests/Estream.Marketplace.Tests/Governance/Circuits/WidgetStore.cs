using System.Text;
using Estream.Circuits;
using Estream.Core;
using Estream.Marketplace.Governance;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A store of manifests and bundles that can return false content and fail.</summary>
internal sealed class WidgetStore
{
    private readonly Dictionary<string, byte[]> _contents = [];

    /// <summary>Called before each look-up.</summary>
    public Action Looked { get; set; } = () => { };

    public static string Folder { get; } = RepositoryRoot.Combine("circuits", "governance", "widget-publish.v1");

    public static byte[] File(string name) => System.IO.File.ReadAllBytes(Path.Combine(Folder, "content", name));

    public static byte[] Replaced(byte[] text, string written, string other)
    {
        string whole = Encoding.UTF8.GetString(text);
        Assert.Contains(written, whole, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(whole.Replace(written, other, StringComparison.Ordinal));
    }

    public WidgetSubmission Put(WidgetSubmission submission)
    {
        PutAs(WidgetRelease.HashOf(submission.Manifest), submission.Manifest);
        PutAs(WidgetRelease.HashOf(submission.Bundle), submission.Bundle);
        return submission;
    }

    public void PutAs(ReadOnlySpan<byte> hash, byte[] content) => _contents[Convert.ToHexString(hash)] = content;

    public void Remove(byte[] content) => Assert.True(_contents.Remove(Convert.ToHexString(WidgetRelease.HashOf(content))));

    public WidgetContentStatus Find(ReadOnlySpan<byte> sha3, int limit, out ReadOnlyMemory<byte> content)
    {
        Looked();
        content = default;
        if (!_contents.TryGetValue(Convert.ToHexString(sha3), out byte[]? found))
        {
            return WidgetContentStatus.Missing;
        }

        content = found;
        return found.Length > limit ? WidgetContentStatus.TooLong : WidgetContentStatus.Found;
    }

    /// <summary>Fails once, after a number of look-ups.</summary>
    public void FailOnceAfter(int looks)
    {
        Looked = () =>
        {
            if (looks-- == 0)
            {
                throw new EstreamStorageException("the store is away", null, StorageFailure.Other);
            }
        };
    }
}

using System.Text;
using Estream.Marketplace.Registries;
using static Estream.Marketplace.Tests.Registries.SampleReleases;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>An index is about one component, and lists each version once.</summary>
public sealed class ReleaseIndexTests
{
    private static readonly string s_index =
        Encoding.UTF8.GetString(ReleaseIndex.Empty(Card).With(Of(Card, "1.0.0").Release).With(Of(Card, "1.1.0").Release).Encode());

    [Fact]
    public void Index_is_read_back_as_written() => Assert.Null(Refusal(s_index));

    [Fact]
    public void TryRead_refuses_releases_of_another_component() =>
        Assert.Contains("of this component",
            Refusal(s_index.Replace("\"name\":\"@acme/card\",\"packageBytes\"", "\"name\":\"@evil/card\",\"packageBytes\"",
                StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void TryRead_refuses_a_duplicate_version() =>
        Assert.Contains("each version once",
            Refusal(s_index.Replace("\"version\":\"1.1.0\"", "\"version\":\"1.0.0\"", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void TryRead_refuses_every_truncation()
    {
        for (int length = 0; length < s_index.Length; length += 7)
        {
            Assert.NotNull(Refusal(s_index[..length]));
        }
    }

    private static string? Refusal(string text)
    {
        bool isRead = ReleaseIndex.TryRead(Encoding.UTF8.GetBytes(text), out ReleaseIndex? index, out string? reason);
        Assert.Equal(isRead, index is not null);
        return reason;
    }
}

using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests.Regions;

/// <summary>Tests the mark of a queue for a region, which is permanent.</summary>
public sealed class RegionTests : QueueCase
{
    [Theory]
    [InlineData("lex://acme/eu", "lex://acme/eu", true)]
    [InlineData("lex://acme/eu", "lex://acme/eu/de", true)]
    [InlineData("lex://acme/eu", "lex://acme/europe", false)]
    [InlineData("lex://acme/eu/de", "lex://acme/eu", false)]
    [InlineData("lex://acme/eu", "lex://acme/EU", false)]
    [InlineData("lex://acme/eu", "", false)]
    [InlineData("lex://acme/eu", null, false)]
    public void A_region_contains_itself_and_what_is_below(string region, string? other, bool expected) =>
        Assert.Equal(expected, StreamRegion.Contains(region, other));

    [Fact]
    public void A_mark_stays_with_the_queue()
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Marked("lex://acme/eu")))
        {
            Assert.Equal("lex://acme/eu", queue.Region);
        }

        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Small), readOnly = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.Equal(("lex://acme/eu", "lex://acme/eu"), (again.Region, readOnly.Region));
        using EstreamQueue other = EstreamQueue.Open(Beside("other"), Small);
        Assert.Null(other.Region);
    }

    [Fact]
    public void A_mark_can_be_narrowed_but_not_widened_or_changed()
    {
        EstreamQueue.Open(QueueDirectory, Marked("lex://acme/eu")).Dispose();
        EstreamQueue.Open(QueueDirectory, Marked("lex://acme/eu/de")).Dispose();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Marked("lex://acme/eu"));
        Assert.Equal("lex://acme/eu/de", queue.Region);
        ArgumentException error = Assert.Throws<ArgumentException>(() => EstreamQueue.Open(QueueDirectory, Marked("lex://acme/us")));
        Assert.Contains($"'{QueueDirectory}' is marked for region 'lex://acme/eu/de'; 'lex://acme/us' was", error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("lex://acme/")]
    [InlineData("a b")]
    [InlineData("é")]
    public void An_invalid_region_is_refused(string region) =>
        Assert.Throws<ArgumentException>(() => EstreamQueue.Open(QueueDirectory, Marked(region)));

    [Fact]
    public void A_damaged_mark_is_reported_and_never_ignored()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Marked("lex://acme/eu"));
        string path = InQueue("region.meta");
        byte[] whole = File.ReadAllBytes(path);
        for (int offset = 0; offset < 40; offset++)
        {
            File.WriteAllBytes(path, whole);
            InvertByte(path, offset);
            Assert.Equal(path, Assert.ThrowsAny<EstreamException>(() => queue.Region).Path);
        }
    }

    private static QueueOptions Marked(string region) => Small with { Region = region };
}

using System.Text;
using Estream.Testing;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Tests.Xml;

/// <summary>Documents in pieces: only the unfinished token is buffered between two pieces.</summary>
public sealed class XmlFeedTests
{
    private static readonly byte[] s_document = Encoding.UTF8.GetBytes(
        "<?xml version=\"1.0\"?>\n<Document xmlns=\"urn:a\"><GrpHdr><MsgId>M-1</MsgId><Amt Ccy='EUR'>1.50</Amt><Nm>A &amp; "
        + "B</Nm></GrpHdr><!-- end --></Document>\n");

    [Fact]
    public void Tokens_are_the_same_for_any_two_splits_of_the_document()
    {
        (string Lines, Iso20022Fault Fault) whole = XmlTrace.Of(s_document);
        Assert.False(whole.Fault.IsFault);
        for (int first = 0; first <= s_document.Length; first++)
        {
            for (int second = first; second <= s_document.Length; second += 5)
            {
                Assert.Equal(whole, XmlTrace.Of([s_document[..first], s_document[first..second], s_document[second..]]));
            }
        }
    }

    [Fact]
    public void A_long_document_takes_the_memory_of_its_longest_token()
    {
        XmlFeed feed = new(new Iso20022Limits());
        Count count = new();
        feed.Push("<a>"u8, isLast: false, count);
        byte[] entries = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<Ntry><Amt Ccy='EUR'>1.50</Amt></Ntry>", 1_000)));
        for (int round = 0; round < 100; round++)
        {
            // Each round cuts at another position of an entry.
            Assert.Equal(XmlReadStatus.NeedMore, feed.Push(entries.AsSpan(0, 7 * round), isLast: false, count));
            Assert.Equal(XmlReadStatus.NeedMore, feed.Push(entries.AsSpan(7 * round), isLast: false, count));
        }

        Assert.Equal(XmlReadStatus.End, feed.Push("</a>"u8, isLast: true, count));
        Assert.Equal(2 + (100 * 1_000 * 5), count.Tokens);
        Assert.InRange(feed.Capacity, 0, 4_096);
    }

    [Fact]
    public void An_unfinished_token_over_the_limit_is_refused_for_every_piece_length()
    {
        foreach (int length in new[] { 1, 100, 5_000, 100_000 })
        {
            XmlFeed feed = new(new Iso20022Limits { MaxTokenBytes = 4_096 });
            byte[] piece = [.. Enumerable.Repeat((byte)'x', length)];
            XmlReadStatus status = feed.Push("<a>"u8, isLast: false, new Count());
            for (int pushed = 0; pushed < 100_000 && status == XmlReadStatus.NeedMore; pushed += length)
            {
                status = feed.Push(piece, isLast: false, new Count());
            }

            Assert.Equal(XmlReadStatus.Refused, status);
            Assert.Equal(new Iso20022Fault(Iso20022Reason.TokenTooLong, 3), feed.Fault);
            Assert.InRange(feed.Capacity, 0, 16_384);
        }
    }

    [Fact]
    public void Reading_stops_when_the_sink_returns_false()
    {
        XmlFeed feed = new(new Iso20022Limits());
        Count count = new() { Wanted = 2 };

        Assert.Equal(XmlReadStatus.Token, feed.Push("<a><b/><c/></a>"u8, isLast: true, count));
        Assert.Equal(2, count.Tokens);
        Assert.Equal(7, feed.Position);
    }

    [Fact]
    public void After_a_refusal_and_Reset_the_next_document_is_read()
    {
        XmlFeed feed = new(new Iso20022Limits());
        Assert.Equal(XmlReadStatus.Refused, feed.Push("<p:a xmlns:p='u'><b><p:c></b"u8, isLast: true, new Count()));
        Assert.Equal(XmlReadStatus.Refused, feed.Push("<a/>"u8, isLast: true, new Count()));

        feed.Reset();

        Assert.Equal(XmlReadStatus.End, feed.Push("<a/>"u8, isLast: true, new Count()));
        feed.Reset();
        Assert.Equal(XmlReadStatus.Refused, feed.Push("<p:a/>"u8, isLast: true, new Count()));
        Assert.Equal(new Iso20022Fault(Iso20022Reason.UndeclaredPrefix, 0), feed.Fault);
    }

    [Fact]
    public void Reading_Xml_allocates_nothing()
    {
        XmlFeed feed = new(new Iso20022Limits());
        Count count = new();

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            feed.Reset();
            feed.Push(s_document.AsSpan(0, 100), isLast: false, count);
            feed.Push(s_document.AsSpan(100), isLast: true, count);
        }));
        Assert.False(feed.Fault.IsFault);
    }

    private sealed class Count : IXmlSink
    {
        public int Wanted { get; init; } = int.MaxValue;

        public int Tokens { get; private set; }

        public bool Take(scoped in XmlTokenReader token) => ++Tokens < Wanted;
    }
}

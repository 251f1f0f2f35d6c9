using System.Text;
using Estream.Testing;
using Estream.Wire.Iso20022;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Fuzz.Iso20022;

/// <summary>
/// Passes damaged documents to the XML reader. It must never throw, never continue after a fault, never hold more than a token, and give
/// the same result for the same bytes however they arrive. A failure names the seed that repeats it.
/// </summary>
public class XmlFuzzTests
{
    private const int MaxTokenBytes = 2_048;

    private static readonly Iso20022Limits s_limits = new() { MaxTokenBytes = MaxTokenBytes, MaxDepth = 16, MaxElements = 200 };

    [Theory]
    [InlineData(1)]
    [InlineData(20260707)]
    public void Damaged_XML_documents_are_rejected_with_a_reason_only(int seed)
    {
        XmlDamage damage = new(seed, XmlDamage.Seeds);
        int count = LongRun.Count(50_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] bytes = damage.Document();
            int piece = 1 + damage.Next(64);
            try
            {
                Trace whole = Run(bytes, Math.Max(bytes.Length, 1));
                Assert.Equal(whole, Run(bytes, piece));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}, pieces of {piece}: {Convert.ToHexString(bytes)}",
                    failure);
            }
        }
    }

    [Fact]
    public void XML_seeds_are_valid()
    {
        foreach (byte[] document in XmlDamage.Seeds)
        {
            Trace trace = Run(document, document.Length);

            Assert.True(trace is { Status: XmlReadStatus.End, Tokens: >= 2 }, $"{Encoding.UTF8.GetString(document)}: {trace}");
        }
    }

    [Fact]
    public void An_XML_bomb_is_rejected_before_expansion()
    {
        Trace trace = Run("<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><a>&c;</a>"u8.ToArray(), 16);

        Assert.Equal(new Trace(XmlReadStatus.Refused, 0, 17, new Iso20022Fault(Iso20022Reason.DtdNotAllowed, 0)), trace);
    }

    private static Trace Run(byte[] bytes, int piece)
    {
        XmlFeed feed = new(s_limits);
        Hash hash = new();
        XmlReadStatus status;
        int at = 0;
        do
        {
            int length = Math.Min(piece, bytes.Length - at);
            status = feed.Push(bytes.AsSpan(at, length), at + length == bytes.Length, hash);
            at += length;
        }
        while (status == XmlReadStatus.NeedMore && at < bytes.Length);

        Assert.NotEqual(XmlReadStatus.NeedMore, status);
        Assert.NotEqual(XmlReadStatus.Token, status);
        Assert.Equal(status == XmlReadStatus.Refused, feed.Fault.IsFault);
        Assert.InRange(feed.Fault.Position, 0, bytes.Length);
        Assert.InRange(feed.Capacity, 0, 4 * MaxTokenBytes);
        Assert.True(status != XmlReadStatus.End || hash.IsBalanced);
        return new Trace(status, hash.Tokens, hash.Value, feed.Fault);
    }

    private readonly record struct Trace(XmlReadStatus Status, int Tokens, int Value, Iso20022Fault Fault);

    /// <summary>Reads everything that a token provides.</summary>
    private sealed class Hash : IXmlSink
    {
        private int _depth;

        public int Tokens { get; private set; }

        public int Value { get; private set; } = 17;

        public bool IsBalanced => _depth == 0 && Tokens > 0;

        public bool Take(scoped in XmlTokenReader token)
        {
            Tokens++;
            Add([(byte)token.Kind]);
            if (token.Kind == XmlTokenKind.Text)
            {
                byte[] room = new byte[token.Raw.Length];
                int length = XmlText.Decode(token.Raw, token.TextKind, room);
                Assert.True(!token.IsPlain || token.Raw.SequenceEqual(room.AsSpan(0, length)));
                Add(room.AsSpan(0, length));
                return true;
            }

            _depth += token.Kind == XmlTokenKind.Start ? 1 : -1;
            Assert.InRange(_depth, 0, s_limits.MaxDepth);
            if (token.Kind == XmlTokenKind.Start)
            {
                Assert.False(token.LocalName.IsEmpty);
                Add(token.NamespaceUri);
                Add(token.LocalName);
                for (int index = 0; index < token.AttributeCount; index++)
                {
                    XmlAttribute attribute = token.Attribute(index);
                    Add(attribute.NamespaceUri);
                    Add(attribute.LocalName);
                    Add(attribute.Raw);
                }
            }

            return true;
        }

        private void Add(ReadOnlySpan<byte> bytes)
        {
            foreach (byte value in bytes)
            {
                Value = unchecked((Value * 31) + value);
            }

            Value = unchecked((Value * 31) + bytes.Length);
        }
    }
}

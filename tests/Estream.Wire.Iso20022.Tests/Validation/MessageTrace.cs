using System.Text;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>What a check makes of a message, as text that can be compared: what it tells its sink, how the reading ended and where, and what was found.</summary>
internal sealed class MessageTrace : IMessageSink
{
    private readonly StringBuilder _lines = new();

    /// <summary>The trace of a message.</summary>
    /// <param name="pieces">The message as it comes.</param>
    /// <param name="isGuided">Whether what is expected is taken at once; otherwise all comes by tokens.</param>
    /// <param name="limits">How much is read.</param>
    /// <param name="checks">What the message is held to.</param>
    public static string Of(IEnumerable<byte[]> pieces, bool isGuided, Iso20022Limits? limits = null, Iso20022Checks checks = Iso20022Checks.Schema) =>
        Of(pieces, isGuided, limits ?? new Iso20022Limits(), checks, out _);

    /// <summary>How many tokens of a message that comes whole are not taken at once.</summary>
    public static int Tokens(byte[] document)
    {
        Of([document], isGuided: true, new Iso20022Limits(), Iso20022Checks.Schema, out int tokens);
        return tokens;
    }

    public void BeginMessage(MessageSchema schema) => _lines.Append(schema.Name).Append('\n');

    public void Begin(int place) => _lines.Append('+').Append(place).Append('\n');

    public void Attribute(ReadOnlySpan<byte> value) => _lines.Append('@').Append(Encoding.UTF8.GetString(value)).Append('\n');

    public void End(ReadOnlySpan<byte> value) => _lines.Append('-').Append(Encoding.UTF8.GetString(value)).Append('\n');

    private static string Of(IEnumerable<byte[]> pieces, bool isGuided, Iso20022Limits limits, Iso20022Checks checks, out int tokens)
    {
        MessageTrace trace = new();
        MessageCheck check = new(limits, checks, trace);
        DocumentFeed feed = new(limits);
        Guided guided = new(check);
        ByTokens byTokens = new(check);
        XmlReadStatus status = XmlReadStatus.NeedMore;
        byte[][] all = [.. pieces];
        for (int index = 0; index < all.Length && status == XmlReadStatus.NeedMore; index++)
        {
            bool isLast = index == all.Length - 1;
            status = isGuided ? feed.Push(all[index], isLast, guided) : feed.Push(all[index], isLast, byTokens);
        }

        tokens = guided.Tokens;
        return $"{trace._lines}{status}, {feed.Fault}, at {feed.Position}\n{string.Join('\n', check.Findings)}";
    }

    private sealed class Guided(MessageCheck check) : IDocumentSink
    {
        public int Tokens { get; private set; }

        public bool Guide(scoped ref XmlTokenReader reader) => check.Guide(ref reader);

        public bool Take(scoped in XmlTokenReader token)
        {
            Tokens++;
            return check.Take(in token);
        }

        public void LosePlaces() => check.LosePlaces();
    }

    private sealed class ByTokens(MessageCheck check) : IDocumentSink
    {
        public bool Take(scoped in XmlTokenReader token) => check.Take(in token);

        public void LosePlaces() => check.LosePlaces();
    }
}

using System.Text;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>The result of checking a message as comparable text: the calls of its sink, how and where reading ended, the findings, and the
/// output of a mapper.</summary>
internal sealed class MessageTrace : IMessageSink, IMappedSink
{
    private readonly StringBuilder _lines = new();
    private readonly MessageMapper _mapper;

    private MessageTrace(Iso20022Limits limits)
    {
        _mapper = new MessageMapper(limits, this);
    }

    /// <summary>Returns the trace of a message.</summary>
    /// <param name="isGuided">Whether the fast path is used; otherwise everything is read by tokens.</param>
    public static string Of(IEnumerable<byte[]> pieces, bool isGuided, Iso20022Limits limits, Iso20022Checks checks) =>
        Of(pieces, isGuided, limits, checks, out _);

    /// <summary>Returns how many tokens of a complete message do not take the fast path.</summary>
    public static int Tokens(byte[] document)
    {
        Of([document], isGuided: true, new Iso20022Limits(), Iso20022Checks.Schema, out int tokens);
        return tokens;
    }

    public void BeginMessage(MessageSchema schema)
    {
        _lines.Append(schema.Name).Append('\n');
        _mapper.BeginMessage(schema);
    }

    public void Begin(int place)
    {
        _lines.Append('+').Append(place).Append('\n');
        _mapper.Begin(place);
    }

    public void Attribute(ReadOnlySpan<byte> value)
    {
        _lines.Append('@').Append(Encoding.UTF8.GetString(value)).Append('\n');
        _mapper.Attribute(value);
    }

    public void End(ReadOnlySpan<byte> value)
    {
        _lines.Append('-').Append(Encoding.UTF8.GetString(value)).Append('\n');
        _mapper.End(value);
    }

    // Writes the same lines as for the start and the end of the element.
    public void Element(int place, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        _lines.Append('+').Append(place).Append('\n');
        if (!attribute.IsEmpty)
        {
            _lines.Append('@').Append(Encoding.UTF8.GetString(attribute)).Append('\n');
        }

        _lines.Append('-').Append(Encoding.UTF8.GetString(value)).Append('\n');
        _mapper.Element(place, attribute, value);
    }

    public void TakeMapped(ReadOnlySpan<byte> json) => _lines.Append('=').Append(Encoding.UTF8.GetString(json)).Append('\n');

    private static string Of(IEnumerable<byte[]> pieces, bool isGuided, Iso20022Limits limits, Iso20022Checks checks, out int tokens)
    {
        MessageTrace trace = new(limits);
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
        string mapped = $"{Encoding.UTF8.GetString(trace._mapper.Json)}, {trace._mapper.LeftOut} left out";
        return $"{trace._lines}{mapped}\n{status}, {feed.Fault}, at {feed.Position}\n{string.Join('\n', check.Findings)}";
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

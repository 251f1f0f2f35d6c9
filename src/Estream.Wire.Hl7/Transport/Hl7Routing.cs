using System.Buffers.Text;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Translation;

namespace Estream.Wire.Hl7.Transport;

/// <summary>Plans the resources that are made of a message, and their topics: kind, message type, trigger event, and for an observation or
/// an order the index of its segment. Immutable and thread-safe, except for the list passed in.</summary>
internal sealed class Hl7Routing
{
    /// <summary>The maximum length of a topic.</summary>
    public const int MaxTopicBytes = 64;

    private static readonly string[] s_kinds = 
        ["message", "header", "patient", "encounter", "observation", "order", "appointment", "document"];
    private static readonly byte[][] s_kindBytes = [.. s_kinds.Select(System.Text.Encoding.ASCII.GetBytes)];
    private static readonly string[] s_schemas = Hl7Schemas.Stored;

    private const int PatientKind = 2;
    private const int EncounterKind = 3;
    private const int ObservationKind = 4;
    private const int OrderKind = 5;
    private const int AppointmentKind = 6;
    private const int DocumentKind = 7;

    private readonly bool[] _isMapped = new bool[s_kinds.Length];

    public Hl7Routing(IEnumerable<Hl7Mapping> mappings)
    {
        foreach (Hl7Mapping mapping in mappings)
        {
            _isMapped[Array.IndexOf(s_schemas, mapping.Schema.Name)] = true;
        }
    }

    public static TopicMapping Map(Hl7Mapping mapping, Hl7TranslationOptions options)
    {
        int kind = Array.IndexOf(s_schemas, mapping.Schema.Name);
        Hl7Translator translator = kind switch
        {
            0 => new MessageTranslator(options),
            1 => new HeaderTranslator(options),
            PatientKind => new PatientTranslator(options),
            EncounterKind => new EncounterTranslator(options),
            ObservationKind => new ObservationTranslator(options),
            OrderKind => new OrderTranslator(options),
            AppointmentKind => new AppointmentTranslator(options),
            _ => new DocumentTranslator(options),
        };
        string index = IsRepeated(kind) && mapping.Messages != "#" ? "/+" : "";
        return TopicMapping.Translated($"{s_kinds[kind]}/{mapping.Messages}{index}", mapping.Schema, mapping.Queue, translator);
    }

    /// <summary>Lists the resources of a message that mappings cover and that the message identifies: a visit, an order, an
    /// appointment and a document without a number, and an observation without a property, are left out.</summary>
    /// <param name="message">The message.</param>
    /// <param name="writer">Knows the mappings.</param>
    /// <param name="plan">Receives the resources. If there are none, but mappings cover the message, one of these, so that the message
    /// becomes a dead letter with the reason. Empty if no mapping covers the message.</param>
    public void Plan(in Hl7Message message, IngressWriter writer, List<Hl7Resource> plan)
    {
        plan.Clear();
        Span<byte> topic = stackalloc byte[MaxTopicBytes];
        int fallback = -1;
        for (int kind = 0; kind < s_kinds.Length; kind++)
        {
            int length = WriteTopic(message, new Hl7Resource(kind, 0), topic);
            if (!_isMapped[kind] || writer.SinkOf(topic[..length]) is null)
            {
                continue;
            }

            fallback = fallback < 0 ? kind : fallback;
            if (IsRepeated(kind))
            {
                AddEach(kind, message, plan);
            }
            else if (IsIdentified(kind, message))
            {
                plan.Add(new Hl7Resource(kind, 0));
            }
        }

        if (plan.Count == 0 && fallback >= 0)
        {
            plan.Add(new Hl7Resource(fallback, 0));
        }
    }

    /// <summary>Whether a peer may send messages of a type and trigger event.</summary>
    public static bool Allows(WirePeer peer, ReadOnlySpan<byte> type, ReadOnlySpan<byte> trigger)
    {
        bool isAllowed = peer.Allowed.Count == 0;
        for (int i = 0; i < peer.Allowed.Count && !isAllowed; i++)
        {
            ReadOnlySpan<char> pattern = peer.Allowed[i];
            int slash = pattern.IndexOf('/');
            isAllowed = slash < 0 || (IsLevel(pattern[..slash], type) && IsLevel(pattern[(slash + 1)..], trigger));
        }

        return isAllowed;
    }

    private static bool IsLevel(ReadOnlySpan<char> pattern, ReadOnlySpan<byte> name) =>
        pattern is "+" || System.Text.Ascii.Equals(name, pattern);

    /// <summary>Whether a message can have several resources of a kind: observations and orders.</summary>
    private static bool IsRepeated(int kind) => kind is ObservationKind or OrderKind;

    private static void AddEach(int kind, in Hl7Message message, List<Hl7Resource> plan)
    {
        bool isOrder = kind == OrderKind;
        ReadOnlySpan<byte> name = isOrder ? "ORC"u8 : "OBX"u8;
        for (int i = message.IndexOf(name); i >= 0; i = message.IndexOf(name, i + 1))
        {
            if (isOrder ? OrderTranslator.IsIdentified(message, i) : ObservationTranslator.IsIdentified(message[i]))
            {
                plan.Add(new Hl7Resource(kind, i));
            }
        }
    }

    private static bool IsIdentified(int kind, in Hl7Message message) => kind switch
    {
        PatientKind => Hl7Translator.HasPatient(message),
        EncounterKind => message.IndexOf("PV1"u8) >= 0 && Hl7Translator.HasEncounter(message),
        AppointmentKind => AppointmentTranslator.IsIdentified(message),
        DocumentKind => DocumentTranslator.IsIdentified(message),
        _ => true,
    };

    /// <summary>Writes the topic of a resource. Message type and trigger event are names, as the caller has checked.</summary>
    public static int WriteTopic(in Hl7Message message, Hl7Resource resource, Span<byte> destination)
    {
        int length = 0;
        Put(s_kindBytes[resource.Kind], destination, ref length);
        Put("/"u8, destination, ref length);
        Put(message.Header[9].Component(1), destination, ref length);
        Put("/"u8, destination, ref length);
        ReadOnlySpan<byte> trigger = message.Header[9].Component(2);
        Put(trigger.IsEmpty ? "-"u8 : trigger, destination, ref length);
        if (IsRepeated(resource.Kind))
        {
            Put("/"u8, destination, ref length);
            Utf8Formatter.TryFormat(resource.Segment, destination[length..], out int digits);
            length += digits;
        }

        return length;
    }

    private static void Put(ReadOnlySpan<byte> source, Span<byte> destination, ref int length)
    {
        source.CopyTo(destination[length..]);
        length += source.Length;
    }
}

/// <summary>A resource that is made of a message.</summary>
/// <param name="Kind">The index of its kind.</param>
/// <param name="Segment">The index of the segment of an observation or an order; 0 for others.</param>
internal readonly record struct Hl7Resource(int Kind, int Segment);

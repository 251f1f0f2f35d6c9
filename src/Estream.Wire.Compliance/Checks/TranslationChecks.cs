using System.Text;
using Estream.Esf;
using Estream.Wire.Compliance.Internal;
using static Estream.Wire.Compliance.Internal.ComplianceRig;

namespace Estream.Wire.Compliance.Checks;

/// <summary>Checks the translation from the wire to messages and back.</summary>
internal static class TranslationChecks
{
    private const int Room = 256 * 1024;
    private const int RandomMessages = 5_000;
    private const int LongestRandom = 2_000;
    private const int Calls = 100;
    private const int Runs = 5;

    public static IReadOnlyList<ComplianceCheck> All { get; } =
    [
        new("T1", "TranslateIngress translates a message that fits its schema to a valid ESF message", ComplianceTraits.None,
            FitIsTranslated),
        new("T2", "TranslateIngress returns a status for any bytes and never throws", ComplianceTraits.None, AnyBytesHaveAStatus),
        new("T3", "a destination that is too short is reported, and a longer one suffices", ComplianceTraits.None,
            ShortDestinationIsSaid),
        new("T4", "TranslateIngress does not allocate", ComplianceTraits.None, TranslationAllocatesNothing),
        new("T5", "a message that does not fit becomes a dead letter with source, reason and original bytes", ComplianceTraits.None,
            UnfitIsKept),
        new("T6", "TranslateIngress turns the output of TranslateEgress back into the same message", ComplianceTraits.Sends,
            EgressIsTheOpposite),
    ];

    private static Task FitIsTranslated(ComplianceRig rig)
    {
        byte[] message = Translate(rig, 7);
        Require(rig.Queues.NumberOf(message) == 7,
            $"message 7 must have 7 in its field '{rig.Subject.NumberField}'; it has {rig.Queues.NumberOf(message)}.");
        Require(rig.Subject.Schemas.TryGet(message, out EsfSchema? schema),
            "the message must have one of the subject's schemas; it has none.");
        EsfStatus status = EsfValidator.Check(schema, message);
        Require(status.IsOk, $"the message must conform to its schema: {status}");
        return Task.CompletedTask;
    }

    private static Task AnyBytesHaveAStatus(ComplianceRig rig)
    {
        IWireAdapter adapter = rig.Create();
        ComplianceMessage fit = rig.Subject.Message(1);
        Random random = new(11);
        byte[] destination = new byte[Room];
        TryTranslate(adapter, destination, [], []);
        TryTranslate(adapter, destination, fit.Topic.Span, []);
        TryTranslate(adapter, destination, [], fit.Payload.Span);
        TryTranslate(adapter, destination, fit.Topic.Span, rig.Subject.Unfit.Payload.Span);
        TryTranslate(adapter, destination, fit.Topic.Span, new byte[8 * Room]);
        for (int number = 0; number < RandomMessages; number++)
        {
            byte[] bytes = new byte[random.Next(LongestRandom)];
            random.NextBytes(bytes);
            TryTranslate(adapter, destination, fit.Topic.Span, bytes);
            TryTranslate(adapter, destination, bytes.AsSpan(0, Math.Min(bytes.Length, 100)), fit.Payload.Span);
            byte[] changed = fit.Payload.ToArray();
            if (changed.Length > 0)
            {
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                TryTranslate(adapter, destination, fit.Topic.Span, changed);
                TryTranslate(adapter, destination, fit.Topic.Span, changed.AsSpan(0, random.Next(changed.Length)));
            }
        }

        return Task.CompletedTask;
    }

    private static Task ShortDestinationIsSaid(ComplianceRig rig)
    {
        byte[] whole = Translate(rig, 7);
        ComplianceMessage message = rig.Subject.Message(7);
        foreach (int room in new[] { 0, 1, whole.Length / 2, whole.Length - 1 })
        {
            TranslateStatus status =
                rig.Adapter.TranslateIngress(new WireMessage(message.Topic.Span, message.Payload.Span), new byte[room], out int length);
            Require(status.IsDestinationTooSmall,
                $"{room} bytes are too few for a message of {whole.Length}, and the status must say so; it is {status.Code}.");
            Require(length == 0, $"after a failure the length must be 0; it is {length}.");
        }

        TranslateStatus longer = rig.Adapter.TranslateIngress(new WireMessage(message.Topic.Span, message.Payload.Span),
            new byte[2 * whole.Length], out int written);
        Require(longer.IsOk && written == whole.Length,
            $"a longer destination must suffice; the status is {longer.Code}, with {written} bytes.");
        return Task.CompletedTask;
    }

    private static Task TranslationAllocatesNothing(ComplianceRig rig)
    {
        IWireAdapter adapter = rig.Create();
        ComplianceMessage message = rig.Subject.Message(1);
        byte[] destination = new byte[Room];
        long least = long.MaxValue;
        for (int run = 0; run < Runs && least != 0; run++)
        {
            // The first calls may fill caches. A collection on another thread can count a thread's buffer as allocated, but not in every
            // run.
            Repeat(adapter, message, destination);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(adapter, message, destination);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Require(least == 0, $"TranslateIngress must not allocate; {Calls} calls allocated {least} bytes.");
        return Task.CompletedTask;
    }

    private static async Task UnfitIsKept(ComplianceRig rig)
    {
        await rig.StartAsync().ConfigureAwait(false);
        IPeerConnection connection = await rig.OpenAsync().ConfigureAwait(false);
        ComplianceMessage unfit = rig.Subject.Unfit;
        await rig.SendAsync(connection, [1], _ => unfit).ConfigureAwait(false);
        await rig.UntilAsync(() => rig.Queues.LettersStored == 1, "the message that does not fit is a dead letter")
            .ConfigureAwait(false);
        DeadLetter letter = rig.Queues.Letters()[0];
        Require(letter.Source == AdapterName, $"a dead letter must name the adapter; it names '{letter.Source}'.");
        Require(letter.Reason.Length > 0, "a dead letter must have a reason; it is empty.");
        Require(letter.Topic == Encoding.UTF8.GetString(unfit.Topic.Span), $"a dead letter must keep its topic; it has '{letter.Topic}'.");
        Require(letter.Payload == Convert.ToHexStringLower(unfit.Payload.Span),
            $"a dead letter must keep the original bytes; it has {letter.Payload}.");
        await rig.StoreAsync(connection, 2).ConfigureAwait(false);
        Require(rig.Queues.Numbers() is [2], "a message that does not fit must be in no other queue.");
    }

    private static Task EgressIsTheOpposite(ComplianceRig rig)
    {
        byte[] first = Translate(rig, 7);
        EgressMessage sent = ToWire(rig, first);
        byte[] destination = new byte[Room];
        TranslateStatus status =
            rig.Adapter.TranslateIngress(new WireMessage(sent.Topic.WrittenSpan, sent.Payload.WrittenSpan), destination, out int length);
        Require(status.IsOk,
            $"TranslateIngress must accept what TranslateEgress writes; it returned {status.Code}: "
            + $"{status.Describe(sent.Payload.WrittenSpan)}");
        Require(destination.AsSpan(0, length).SequenceEqual(first),
            "TranslateIngress must turn the output of TranslateEgress back into the same message; the result differs.");
        return Task.CompletedTask;
    }

    /// <summary>Creates the adapter, and returns a message as it is stored.</summary>
    public static byte[] Translate(ComplianceRig rig, int number)
    {
        ComplianceMessage message = rig.Subject.Message(number);
        byte[] destination = new byte[Room];
        TranslateStatus status = rig.Create()
            .TranslateIngress(new WireMessage(message.Topic.Span, message.Payload.Span), destination, out int length);
        Require(status.IsOk,
            $"TranslateIngress must accept a fitting message; it returned {status.Code}: {status.Describe(message.Payload.Span)}");
        return destination[..length];
    }

    /// <summary>Translates a stored message for the wire.</summary>
    public static EgressMessage ToWire(ComplianceRig rig, byte[] stored)
    {
        Require(EsfMessage.TryCreate(rig.Subject.Schemas, stored, out EsfMessage message),
            "the message must have one of the subject's schemas; it has none.");
        EgressMessage egress = new();
        TranslateStatus status = rig.Adapter.TranslateEgress(message, egress);
        Require(status.IsOk,
            $"TranslateEgress must accept a message of a consumed schema; it returned {status.Code}: {status.Describe([])}");
        return egress;
    }

    private static void Repeat(IWireAdapter adapter, ComplianceMessage message, byte[] destination)
    {
        for (int call = 0; call < Calls; call++)
        {
            TranslateStatus status =
                adapter.TranslateIngress(new WireMessage(message.Topic.Span, message.Payload.Span), destination, out _);
            if (!status.IsOk)
            {
                throw new ComplianceException($"TranslateIngress must accept a fitting message each time; it returned {status.Code}.");
            }
        }
    }

    private static void TryTranslate(IWireAdapter adapter, byte[] destination, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        try
        {
            TranslateStatus status = adapter.TranslateIngress(new WireMessage(topic, payload), destination, out int length);
            Require(status.IsOk || length == 0, $"after a failure the length must be 0; it is {length}.");
            if (!status.IsOk)
            {
                Require(status.Describe(payload).Length > 0, "a failure status must have a description; it is empty.");
            }
        }
        catch (Exception failure) when (failure is not ComplianceException)
        {
            throw new ComplianceException(
                $"TranslateIngress must never throw; it threw {failure.GetType().Name} on topic {Shown(topic)} and payload "
                + $"{Shown(payload)}: {failure.Message}", failure);
        }
    }

    private static string Shown(ReadOnlySpan<byte> bytes)
    {
        const int Most = 64;
        return bytes.Length <= Most ? $"0x{Convert.ToHexString(bytes)}" : $"0x{Convert.ToHexString(bytes[..Most])}… ({bytes.Length} bytes)";
    }
}

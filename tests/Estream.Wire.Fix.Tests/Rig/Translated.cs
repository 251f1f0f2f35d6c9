using System.Globalization;
using Estream.Esf;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>Translates messages, and creates complete messages from builders.</summary>
internal static class Translated
{
    public const string Header = "34=1|49=DESK|52=20260707-12:30:00.000|56=VENUE|";

    private const int Room = 64 * 1_024;

    /// <summary>A complete message of a version: type, standard header and body.</summary>
    public static byte[] Whole(FixProtocol protocol, string msgType, string body)
    {
        return Frames.Message(protocol.BeginString, $"35={msgType}|{Header}{body}");
    }

    /// <summary>The complete message that a session would send, validated by the dictionary of its version.</summary>
    public static byte[] Whole(FixProtocol protocol, FixMessageBuilder message)
    {
        List<byte> fields = [.. Frames.Bytes($"35={message.MsgType}|{Header}")];
        foreach ((int tag, byte[] value) in message.Header)
        {
            fields.AddRange([.. Frames.Bytes(string.Create(CultureInfo.InvariantCulture, $"{tag}=")), .. value, .. Frames.Bytes("|")]);
        }

        byte[] bytes = Frames.Message(protocol.BeginString, [.. fields, .. message.Body]);
        FixFieldIndex index = new(protocol.DataTags, 256);
        index.Parse(bytes);
        AssertValid(protocol, bytes, index);
        return bytes;
    }

    /// <summary>Translates a message to ESF.</summary>
    public static byte[] ToEsf(FixTranslator translator, byte[] message)
    {
        byte[] destination = new byte[Room];
        TranslateStatus status = translator.ToEsf(message, destination, out int length);
        Assert.True(status.IsOk, status.IsOk ? "" : $"{status.Describe(default)}: {Frames.Text(message)}");
        return destination[..length];
    }

    /// <summary>Returns why a message cannot be translated to ESF.</summary>
    public static string Refusal(FixTranslator translator, byte[] message)
    {
        TranslateStatus status = translator.ToEsf(message, new byte[Room], out int length);
        Assert.False(status.IsOk);
        Assert.Equal(0, length);
        return $"{status.Code}: {status.Describe(default)}";
    }

    /// <summary>Translates an ESF message to FIX.</summary>
    public static FixMessageBuilder ToFix(FixTranslator translator, EsfSchema schema, byte[] message)
    {
        FixMessageBuilder builder = new("0");
        TranslateStatus status = translator.ToFix(new EsfMessage(schema, message), builder);
        Assert.True(status.IsOk, status.IsOk ? "" : status.Describe(default));
        return builder;
    }

    private static void AssertValid(FixProtocol protocol, byte[] bytes, FixFieldIndex index)
    {
        FixFault fault = new FixValidator(protocol).Validate(new FixMessage(bytes, index));
        Assert.False(fault.IsFault, $"{fault}: {Frames.Text(bytes)}");
    }
}

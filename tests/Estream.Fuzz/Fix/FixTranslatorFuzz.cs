using Estream.Esf;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Fuzz.Fix;

/// <summary>
/// Passes damaged messages to FixTranslator. It must never throw, and a message that it reports as translated must be valid and
/// translate back. A failure names the seed that repeats it.
/// </summary>
public class FixTranslatorFuzz
{
    private const int Room = 8_192;

    private static readonly string[] s_rules =
        ["is not defined for messages of this type", "requires it in messages of type", "does not list", "the format of its type"];

    private static readonly EsfSchemaSet s_schemas = EsfSchemaSet.BuiltIn.With(FixTranslator.OwnSchemas);

    private static readonly string[] s_wholeSchemas =
        ["estream.fix.FixNewOrderSingle", "estream.fix.FixExecutionReport", "estream.fix.FixMarketData"];

    private static readonly byte[][] s_seeds =
    [
        FixSeeds.Message("35=D|49=TW|11=id|38=100|40=2|44=108.25|54=1|55=MSFT|59=0|60=20260707-12:30:00|"),
        FixSeeds.Message(
            "35=8|49=TW|37=o|11=id|17=e|150=F|39=2|55=MSFT|54=1|32=5|31=1.5|12=0.1|13=3|30=X|60=20260707-12:30:00|14=5|151=0|6=1.5|"),
        FixSeeds.Message("35=W|49=TW|55=MSFT|268=5|269=4|270=1|272=20260707|273=12:30:00|269=5|270=1|269=7|270=1|269=8|270=1|269=B|271=9|"),
        FixSeeds.Message("35=F|49=TW|11=b|41=a|54=1|55=MSFT|60=20260707-12:30:00|38=100|58=x|"),
        FixSeeds.Message("35=9|49=TW|37=o|11=b|41=a|39=8|434=1|102=1|60=20260707-12:30:00|58=x|"),
        FixSeeds.Message("35=S|49=TW|52=20260707-12:30:00|117=q|55=MSFT|132=1.5|133=1.6|134=5|135=6|60=20260707-12:30:00|"),
    ];

    // Of messages that are translated to FixNewOrderSingle, FixExecutionReport and FixMarketData.
    private static readonly byte[][] s_wholeSeeds =
    [
        FixSeeds.Message(
            "35=D|49=TW|52=20260707-12:30:00|11=id|55=MSFT|54=1|60=20260707-12:30:00|38=100|40=4|44=1.5|99=1.4|59=6|432=20260708|111=9|"),
        FixSeeds.Message(
            "35=8|49=TW|52=20260707-12:30:00|37=o|11=id|41=ie|17=e|150=F|39=1|55=MSFT|54=1|32=5|31=1.5|14=5|151=4|6=1.512345678901|636=Y|"),
        FixSeeds.Message(
            "35=W|49=TW|52=20260707-12:30:00|55=MSFT|268=2|269=0|270=1.5|271=4|272=20260707|273=12:30:00|269=1|270=1.6|346=2|"),
        FixSeeds.Message(
            "35=X|49=TW|52=20260707-12:30:00|262=r|268=2|279=0|269=0|55=MSFT|270=1.5|273=12:30:00|279=2|278=l|"),
    ];

    [Theory]
    [InlineData(1, false)]
    [InlineData(20260707, false)]
    [InlineData(2, true)]
    [InlineData(20260708, true)]
    public void Damaged_FIX_messages_are_rejected_or_translate_to_valid_messages(int seed, bool isWhole)
    {
        FixMutator mutator = new(seed);
        byte[][] seeds = isWhole ? s_wholeSeeds : s_seeds;
        FixTranslator translator = new(
            FixProtocol.Fix44, new FixTranslatorOptions { PassingTags = [34, 52, 56], Schemas = isWhole ? s_wholeSchemas : [] });
        byte[] destination = new byte[Room];
        int translated = 0;
        int count = LongRun.Count(50_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] bytes = mutator.Next(2) == 0 ? mutator.Bad() : Damaged(mutator, seeds);
            try
            {
                if (translator.ToEsf(bytes, destination, out int length).IsOk)
                {
                    AssertRight(translator, destination.AsSpan(0, length));
                    translated++;
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}: {Convert.ToHexString(bytes)}", failure);
            }
        }

        Assert.True(translated > count / 100, $"only {translated} of {count} messages were translated");
    }

    [Fact]
    public void FIX_translation_seeds_are_valid()
    {
        RequireValid(new FixTranslator(FixProtocol.Fix44), s_seeds);
        RequireValid(new FixTranslator(FixProtocol.Fix44, new FixTranslatorOptions { Schemas = s_wholeSchemas }), s_wholeSeeds);
    }

    private static void RequireValid(FixTranslator translator, byte[][] messages)
    {
        foreach (byte[] message in messages)
        {
            TranslateStatus status = translator.ToEsf(message, new byte[Room], out _);

            Assert.True(status.IsOk, status.IsOk ? "" : status.Describe(default));
        }
    }

    /// <summary>Changes one byte of a seed: most results are nearly valid, where parser errors are likely.</summary>
    private static byte[] Damaged(FixMutator mutator, byte[][] seeds)
    {
        byte[] bytes = [.. seeds[mutator.Next(seeds.Length)]];
        bytes[mutator.Next(bytes.Length)] = (byte)mutator.Next(256);
        return bytes;
    }

    private static void AssertRight(FixTranslator translator, ReadOnlySpan<byte> message)
    {
        Assert.True(EsfMessage.TryCreate(s_schemas, message, out EsfMessage read));
        EsfStatus status = EsfValidator.Check(read.Schema, message);
        Assert.True(status.IsOk, status.ToString());
        FixMessageBuilder builder = new("0");
        TranslateStatus back = read.Schema.Name == "EStreamFill"
            ? translator.ToFix(read, new FixFillState(1, 0, 1), builder)
            : translator.ToFix(read, builder);
        string why = back.IsOk ? "" : back.Describe(default);

        // What the dictionary of the version does not allow is read, but not sent. Before translation, FixValidator rejects it.
        Assert.True(back.IsOk || s_rules.Any(rule => why.Contains(rule, StringComparison.Ordinal)), why);
    }
}

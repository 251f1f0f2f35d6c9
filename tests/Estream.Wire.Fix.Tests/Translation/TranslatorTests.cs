using Estream.Testing;
using Estream.Trading;
using Estream.Wire.Fix.Tests.Rig;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Fix.Tests.Translation;

public class TranslatorTests
{
    private const string OrderText = "11=c-1|55=EURUSD|54=1|60=20260707-12:30:00.000|38=1000|40=2|44=1.0825|59=1|";

    [Property(2_000, 200_000, Arbitrary = [typeof(Cases)])]
    public void Any_order_comes_back_from_every_version(Order one)
    {
        FixProtocol protocol = Protocol(one.Version);
        FixTranslator translator = new(protocol, new FixTranslatorOptions { SenderCompId = "DESK", QuantityDecimals = 3 });
        byte[] order = Make(one.Name, one.Owner, one.Kind, one.Quantity, one.Price, one.At);
        byte[] message = Translated.Whole(protocol, Translated.ToFix(translator, EStreamOrder.Schema, order));
        Assert.Equal(order, Translated.ToEsf(translator, message));
    }

    [Property(2_000, 200_000, Arbitrary = [typeof(Cases)])]
    public void Any_fill_comes_back_from_every_version(Fill one)
    {
        FixProtocol protocol = Protocol(one.Version);
        FixTranslator translator = new(protocol);
        byte[] bytes = new byte[EStreamFill.MaxLength];
        EStreamFill.Writer fill = EStreamFill.Write(bytes);
        fill.SetFillId(one.Id);
        fill.SetOrderId(one.Id);
        fill.SetInstrument("EURUSD"u8);
        fill.Side = OrderSide.Sell;
        fill.Quantity = (ulong)one.Quantity;
        fill.Price = (ulong)one.Price;
        fill.Fee = (ulong)one.Fee;
        fill.ExecutedAt = one.At;
        byte[] expected = bytes[..fill.Length];
        FixMessageBuilder builder = new("0");
        Assert.True(translator.ToFix(new EsfMessage(EStreamFill.Schema, expected), new FixFillState(7, 3, 1), builder).IsOk);
        Assert.Equal(expected, Translated.ToEsf(translator, Translated.Whole(protocol, builder)));
    }

    [Fact]
    public void Damaged_message_is_refused_or_translated_to_a_valid_message()
    {
        FixTranslator translator = new(FixProtocol.Fix44);
        byte[] message = Translated.Whole(FixProtocol.Fix44, "D", OrderText);
        byte[] destination = new byte[512];
        int translated = 0;
        for (int place = 0; place < message.Length; place++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] damaged = [.. message];
                damaged[place] = (byte)value;
                if (translator.ToEsf(damaged, destination, out int length).IsOk)
                {
                    Assert.True(EStreamOrder.Validate(destination.AsSpan(0, length)).IsOk, Frames.Text(damaged));
                    translated++;
                }
            }
        }

        Assert.True(translated > message.Length);
    }

    [Fact]
    public void Translation_does_not_allocate()
    {
        FixTranslator translator = new(FixProtocol.Fix44, new FixTranslatorOptions { SenderCompId = "DESK" });
        byte[] message = Translated.Whole(FixProtocol.Fix44, "D", OrderText);
        byte[] esf = Translated.ToEsf(translator, message);
        byte[] destination = new byte[512];
        FixMessageBuilder builder = new("D");

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => translator.ToEsf(message, destination, out _)));
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => translator.ToFix(new EsfMessage(EStreamOrder.Schema, esf), builder)));
    }

    [Fact]
    public void Untranslatable_message_returns_a_status()
    {
        FixTranslator translator = new(FixProtocol.Fix44);

        Assert.StartsWith("NotMapped", Translated.Refusal(translator, Translated.Whole(FixProtocol.Fix44, "G", OrderText)),
            StringComparison.Ordinal);
        Assert.StartsWith("NotMapped", Translated.Refusal(translator, Translated.Whole(FixProtocol.Fix42, "D", OrderText)),
            StringComparison.Ordinal);
        Assert.StartsWith("Unfit", Translated.Refusal(translator, []), StringComparison.Ordinal);
        Assert.StartsWith("Unfit", Translated.Refusal(translator, Frames.Bytes("8=FIX.4.4|35=D|")), StringComparison.Ordinal);
        Assert.Equal(
            TranslateCode.DestinationTooSmall,
            translator.ToEsf(Translated.Whole(FixProtocol.Fix44, "D", OrderText), new byte[EStreamOrder.MaxLength - 1], out _).Code);
        Assert.Null(FixTranslator.SchemaOf("G"));
    }

    [Theory]
    [InlineData("D", 2)]
    [InlineData("8", 2)]
    [InlineData("S", 1)]
    [InlineData("W", 2)]
    [InlineData("X", 1)]
    [InlineData("F", 1)]
    [InlineData("9", 1)]
    public void Schemas_of_every_translated_type_exist(string msgType, int count)
    {
        Assert.Contains(msgType, FixTranslator.MsgTypes);
        Assert.Equal(7, FixTranslator.MsgTypes.Count);
        Assert.Equal(count, FixTranslator.SchemasOf(msgType).Count);
        Assert.Equal(FixTranslator.SchemasOf(msgType)[0], FixTranslator.SchemaOf(msgType));
        Esf.EsfSchemaSet schemas = Esf.EsfSchemaSet.BuiltIn.With(FixTranslator.OwnSchemas);
        Assert.All(FixTranslator.SchemasOf(msgType), name => Assert.True(schemas.TryGet(name, out _)));
    }

    [Theory]
    [InlineData("QuantityDecimals")]
    [InlineData("HandlInst")]
    [InlineData("Interval")]
    [InlineData("PassingTags")]
    [InlineData("Schemas")]
    public void Invalid_option_is_reported_with_its_name(string option)
    {
        FixTranslatorOptions options = option switch
        {
            "QuantityDecimals" => new FixTranslatorOptions { QuantityDecimals = 19 },
            "HandlInst" => new FixTranslatorOptions { HandlInst = 4 },
            "Interval" => new FixTranslatorOptions { Interval = "1" },
            "Schemas" => new FixTranslatorOptions { Schemas = ["estream.fix.FixOrderState"] },
            _ => new FixTranslatorOptions { PassingTags = [0] },
        };

        Assert.Equal(option, Assert.Throws<WireConfigurationException>(() => new FixTranslator(FixProtocol.Fix44, options)).Key);
    }

    private static byte[] Make(string name, byte[] owner, int kind, long quantity, long price, long at)
    {
        byte[] bytes = new byte[EStreamOrder.MaxLength];
        EStreamOrder.Writer order = EStreamOrder.Write(bytes);
        byte[] id = new byte[32];
        byte[] text = Frames.Bytes(name);
        Assert.True(Fix.Translation.FixIdText.TryRead(text, id));
        order.SetOrderId(id);
        order.SetClientOrderId(text);
        order.SetInstrument("EURUSD"u8);
        order.SetSubmitter(owner);
        order.Side = (OrderSide)(kind % 2);
        order.TimeInForce = (TimeInForce)(kind / 2 % 4);
        order.OrderType = (OrderType)(kind / 8 % 3);
        order.Quantity = (ulong)quantity;
        order.SubmittedAt = at;
        if (kind / 8 % 3 != 0)
        {
            order.Price = (ulong)price;
        }

        return bytes[..order.Length];
    }

    private static FixProtocol Protocol(string version)
    {
        return version switch
        {
            "42" => FixProtocol.Fix42,
            "44" => FixProtocol.Fix44,
            _ => FixProtocol.Fix50Sp2,
        };
    }

    /// <summary>An order, and the version of the protocol that carries it.</summary>
    public sealed record Order(string Version, string Name, byte[] Owner, int Kind, long Quantity, long Price, long At)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Version} {Name} of {Convert.ToHexString(Owner)}, kind {Kind}, {Quantity} at {Price}, {At}";
    }

    /// <summary>A fill, and the version of the protocol that carries it.</summary>
    public sealed record Fill(string Version, byte[] Id, long Quantity, long Price, long Fee, long At)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Version} {Convert.ToHexString(Id)}, {Quantity} at {Price}, fee {Fee}, {At}";
    }

    /// <summary>Orders and fills of every version, with numbers of every length.</summary>
    public static class Cases
    {
        private static readonly Gen<string> s_versions = Gen.Elements("42", "44", "50");

        private static readonly Gen<string> s_names =
            Gen.Elements("c", "c-1", "order 1", "Zürich", "550e8400-e29b-41d4-a716-446655440000");

        private static readonly Gen<byte[]> s_ids = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(32);

        private static readonly Gen<long> s_numbers =
            from high in Gen.Choose(0, int.MaxValue)
            from low in Gen.Choose(0, int.MaxValue)
            from bits in Gen.Choose(0, 62)
            select (((long)high << 31) + low) >> bits;

        /// <summary>Orders of every side, type and time in force.</summary>
        public static Arbitrary<Order> Orders() =>
            (from version in s_versions
             from name in s_names
             from owner in s_ids
             from kind in Gen.Choose(0, 47)
             from quantity in s_numbers
             from price in s_numbers
             from at in s_numbers
             select new Order(version, name, owner, kind, quantity, price, at)).ToArbitrary();

        /// <summary>Fills with and without a fee.</summary>
        public static Arbitrary<Fill> Fills() =>
            (from version in s_versions
             from id in s_ids
             from quantity in s_numbers
             from price in s_numbers
             from fee in s_numbers
             from at in s_numbers
             select new Fill(version, id, quantity, price, fee % 3 == 0 ? 0 : fee, at)).ToArbitrary();
    }
}

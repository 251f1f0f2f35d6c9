using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Fix.Internal;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Adapter;

public class FactoryTests
{
    [Fact]
    public async Task Factory_creates_an_acceptor_from_settings()
    {
        using AdapterRig rig = new();
        await using IWireAdapter adapter = new FixAcceptorFactory().Create(rig.Context, AdapterRig.Settings());

        Assert.Equal("fix-acceptor", adapter.Descriptor.Type);
        string[] produced = ["EStreamOrder", "FixOrderCancel"];
        Assert.Equal(produced, adapter.Schemas.Produced.Select(schema => schema.Name));
        Assert.Equal(HealthState.Unhealthy, adapter.Health.State);
        byte[] destination = new byte[1_024];
        byte[] order = Translated.Whole(FixProtocol.Fix44, "D", "11=c-1|55=EURUSD|54=1|60=20260707-12:30:00.000|38=1000|40=1|");
        Assert.True(adapter.TranslateIngress(new WireMessage("D"u8, order), destination, out int length).IsOk);
        Assert.InRange(length, 100, 512);
        Assert.Equal(TranslateCode.NotMapped, adapter.TranslateIngress(new WireMessage("8"u8, order), destination, out _).Code);
    }

    [Theory]
    [InlineData("Version", "FIX.4.1", "FIX.4.2")]
    [InlineData("Address", "0.0.0.0", "UnsafeAllowAnyPeer")]
    [InlineData("Address", "everywhere", "write an IP address")]
    [InlineData("Port", "70000", "from 0 to 65535")]
    [InlineData("Prot", "1", "is not a setting")]
    [InlineData("Dictionary", "no-such-file.xml", "no-such-file.xml")]
    [InlineData("Tls:KeyFile", "x", "is required")]
    [InlineData("Sessions:0:SenderCompId", null, "is required")]
    [InlineData("Sessions:0:MaxMessageBytes", "1", "from 512")]
    [InlineData("Sessions:0:Hearbeat", "1", "is not a setting")]
    [InlineData("Sessions:0:MaxResendRequest", "-1", "from 0")]
    [InlineData("Sessions:0:PasswordFile", "password", "needs Username")]
    [InlineData("Sessions:0:PasswordEnv", "PASSWORD", "needs Username")]
    [InlineData("Sessions:0:PeerCertificateName", "desk.example", "Set Tls:ClientCaFile")]
    [InlineData("Sessions:0:Schedule:Start", "7h", "write a time of day")]
    [InlineData("Sessions:0:Schedule:End", "07:00", "is required")]
    [InlineData("Mappings:0:MsgType", "G", "is not translated")]
    [InlineData("Mappings:0:MsgType", "F", "write estream.fix.FixOrderCancel")]
    [InlineData("Mappings:0:Schema", "Nonsense", "write estream.trading.EStreamOrder")]
    [InlineData("Mappings:0:Queue", "nowhere", "the queues are: cancels, orders")]
    [InlineData("QuantityDecimals", "19", "from 0 to 18")]
    [InlineData("Interval", "Week1", "Min1")]
    [InlineData("PassingTags", "1,a", "separated by commas")]
    [InlineData("PassingTags", "0", "from 1 to")]
    [InlineData("MaxOrders", "0", "from 1 to 10000000")]
    [InlineData("Sessions:0:JournalKeyFile", "keys", "without a Journal")]
    [InlineData("Sessions:0:JournalPrivateKeyFile", "host.key.pem", "without a JournalKeyFile")]
    public void Invalid_setting_is_reported_with_its_key_and_the_valid_values(string key, string? value, string reason)
    {
        using AdapterRig rig = new();
        WireSettings settings = AdapterRig.Settings((key, value));

        WireConfigurationException failure =
            Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(rig.Context, settings));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith($"Estream:Adapters:venue:{key.Split(':')[0]}", failure.Key, StringComparison.Ordinal);
        Assert.Throws<WireConfigurationException>(
            () => new FixAcceptorFactory().Check("venue", EsfSchemaSet.BuiltIn, ["orders", "cancels"], AdapterRig.Settings((key, value))));
    }

    [Fact]
    public void Schedule_and_sub_ids_of_a_session_are_read_from_settings()
    {
        WireSettings settings = AdapterRig.Settings(
            ("Sessions:0:Schedule:Start", "22:00"), ("Sessions:0:Schedule:StartDay", "sunday"), ("Sessions:0:Schedule:End", "21:30:15"),
            ("Sessions:0:Schedule:EndDay", "Friday"), ("Sessions:0:SenderSubId", "EQ"), ("Sessions:0:MaxResendRequest", "500"));

        FixSessionOptions session = Assert.Single(FixSettings.Sessions(settings, FixProtocol.Fix44)).Session;

        FixSchedule week = new()
        {
            Start = new TimeOnly(22, 0), StartDay = DayOfWeek.Sunday, End = new TimeOnly(21, 30, 15), EndDay = DayOfWeek.Friday,
        };
        Assert.Equal(week, session.Schedule);
        Assert.Equal(("EQ", 500), (session.SenderSubId, session.MaxResendRequest));
    }

    [Fact]
    public void Weekly_schedule_requires_StartDay_and_EndDay()
    {
        using AdapterRig rig = new();
        WireSettings settings = AdapterRig.Settings(
            ("Sessions:0:Schedule:Start", "22:00"), ("Sessions:0:Schedule:End", "21:00"), ("Sessions:0:Schedule:StartDay", "Sunday"));

        WireConfigurationException failure =
            Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(rig.Context, settings));
        Assert.Contains("EndDay", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("estream.iot.IoTTelemetry", "DESK", "cannot be sent")]
    [InlineData("estream.fix.FixOrderCancelReject", "NOBODY", "no session")]
    public void Invalid_egress_is_refused_with_its_reason(string schema, string target, string reason)
    {
        using AdapterRig rig = new();
        WireSettings settings =
            AdapterRig.Settings(("Egress:0:Queue", "orders"), ("Egress:0:Schema", schema), ("Egress:0:TargetCompId", target));

        Assert.Contains(
            reason, Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(rig.Context, settings)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Egress_to_a_counterparty_with_several_sessions_is_refused()
    {
        using AdapterRig rig = new();
        WireSettings settings = AdapterRig.Settings(
            ("Sessions:1:SenderCompId", "VENUE-2"), ("Sessions:1:TargetCompId", "DESK"),
            ("Egress:0:Queue", "fills"), ("Egress:0:Schema", "EStreamFill"), ("Egress:0:TargetCompId", "DESK"));

        WireConfigurationException failure =
            Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(rig.Context, settings));

        Assert.Contains("there are 2 sessions with 'DESK'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FixOrderCancelReject")]
    [InlineData("estream.fix.FixOrderCancelReject")]
    [InlineData("EStreamFill")]
    public async Task Egress_accepts_qualified_and_unqualified_schema_names(string schema)
    {
        using AdapterRig rig = new();
        await using IWireAdapter adapter = new FixAcceptorFactory().Create(
            rig.Context, AdapterRig.Settings(("Egress:0:Queue", "orders"), ("Egress:0:Schema", schema), ("Egress:0:TargetCompId", "DESK")));

        Assert.Equal(schema.Split('.')[^1], Assert.Single(adapter.Schemas.Consumed).Name);
    }

    [Fact]
    public void Egress_of_orders_is_refused_when_the_journal_is_not_encrypted()
    {
        using AdapterRig rig = new();
        WireSettings settings = Sending("EStreamOrder", ("Sessions:0:Journal", "journal"), ("Egress:0:Keys", rig.KeyFolder));

        WireConfigurationException failure =
            Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(rig.Context, settings));
        Assert.Contains("need a JournalKeyFile for DESK", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Egress_of_orders_requires_a_folder_with_the_private_keys()
    {
        using AdapterRig rig = new();
        using TempDirectory empty = new();
        await using (IWireAdapter adapter =
            new FixAcceptorFactory().Create(rig.Context, Sending("EStreamOrder", ("Egress:0:Keys", rig.KeyFolder))))
        {
            Assert.Equal("EStreamOrder", Assert.Single(adapter.Schemas.Consumed).Name);
        }

        AssertKeys("EStreamOrder", null,
            "is required and not set: EStreamOrder has private fields, which are stored sealed. Name a folder with default.key.pem.");
        AssertKeys("EStreamOrder", empty.Combine("nowhere"), "cannot be read");
        AssertKeys("EStreamOrder", empty.Path, "holds no private key. Put default.key.pem there.");
        AssertKeys("FixOrderCancel", rig.KeyFolder, "FixOrderCancel has no private fields. Leave it out.");
    }

    [Fact]
    public void PasswordFile_and_PasswordEnv_together_are_refused()
    {
        using AdapterRig rig = new();
        WireSettings settings = AdapterRig.Settings(("Sessions:0:Username", "desk"), ("Sessions:0:PasswordFile", "password"),
            ("Sessions:0:PasswordEnv", "PASSWORD"));

        WireConfigurationException failure =
            Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(rig.Context, settings));
        Assert.Contains("PasswordFile and PasswordEnv are both set; keep one.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_pins_are_read_from_settings_and_allow_a_public_address()
    {
        using AdapterRig rig = new();
        (string, string?)[] open =
            [("Address", "0.0.0.0"), ("Tls:CertificateFile", "own.crt"), ("Sessions:0:PeerCertificateName", "desk.example")];
        await using IWireAdapter adapter =
            new FixAcceptorFactory().Create(rig.Context, AdapterRig.Settings([.. open, ("Tls:ClientPins:0", new string('a', 64))]));

        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => new FixAcceptorFactory().Create(rig.Context, AdapterRig.Settings([.. open, ("Tls:ClientPins:0", "a")])));
        Assert.Equal("Estream:Adapters:venue:Tls:ClientPins:0", failure.Key);
        Assert.Throws<WireConfigurationException>(() => new FixAcceptorFactory().Create(rig.Context, AdapterRig.Settings(open)));
    }

    [Theory]
    [InlineData("FIX.4.2")]
    [InlineData("FIX.4.4")]
    [InlineData("FIX.5.0")]
    [InlineData("FIX.5.0SP1")]
    [InlineData("FIX.5.0SP2")]
    public async Task Version_selects_the_dictionary_of_the_sessions(string version)
    {
        using AdapterRig rig = new();
        await using RunningAdapter adapter = await RunningAdapter.StartAsync(
            new FixAcceptorFactory().Create(rig.Context, AdapterRig.Settings(("Version", version))));

        Assert.Equal(version, adapter.Adapter.Sessions[0].Protocol.Application.Version);
    }

    [Fact]
    public async Task Factory_creates_an_initiator_from_settings()
    {
        using AdapterRig rig = new();
        await using IWireAdapter adapter = new FixInitiatorFactory().Create(
            rig.Context,
            AdapterRig.Settings(("Type", "fix-initiator"), ("Host", "venue.example"), ("Port", "9876"), ("Tls", "true"),
                ("Version", "FIX.5.0SP2")));

        Assert.Equal("fix-initiator", adapter.Descriptor.Type);
        Assert.Contains("Host", Assert.Throws<WireConfigurationException>(
            () => new FixInitiatorFactory().Create(rig.Context, AdapterRig.Settings(("Port", "9876")))).Key, StringComparison.Ordinal);
    }

    private static WireSettings Sending(string schema, params (string Key, string? Value)[] changes) =>
        AdapterRig.Settings([("Egress:0:Queue", "orders"), ("Egress:0:Schema", schema), ("Egress:0:TargetCompId", "DESK"), .. changes]);

    private static void AssertKeys(string schema, string? keys, string reason)
    {
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => new FixAcceptorFactory().Check("venue", EsfSchemaSet.BuiltIn, ["orders", "cancels"],
                Sending(schema, ("Egress:0:Keys", keys))));
        Assert.Equal("Estream:Adapters:venue:Egress:0:Keys", failure.Key);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }
}

using System.Text;
using Estream.Carbon;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Estream.Health;
using Estream.Industrial;
using Estream.Iot;
using Estream.Payments;
using Estream.Testing;
using Estream.Trading;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Generator.Tests;

/// <summary>The packs as packages: generated types, the built-in schemas and the dynamic code agree on every byte.</summary>
public sealed class PackTests
{
    [Fact]
    public void Generated_types_have_the_ids_of_the_built_in_schemas()
    {
        Assert.Equal(IoTTelemetry.SchemaId, Id("IoTTelemetry"));
        Assert.Equal(IoTCommand.SchemaId, Id("IoTCommand"));
        Assert.Equal(IoTAlert.SchemaId, Id("IoTAlert"));
        Assert.Equal(EStreamOrder.SchemaId, Id("EStreamOrder"));
        Assert.Equal(EStreamFill.SchemaId, Id("EStreamFill"));
        Assert.Equal(EStreamQuote.SchemaId, Id("EStreamQuote"));
        Assert.Equal(EStreamMarketData.SchemaId, Id("EStreamMarketData"));
    }

    [Fact]
    public void Generated_types_of_other_packs_have_the_ids_of_their_files()
    {
        EsfSchema[] compiled =
        [
            CarbonCredit.Schema, CarbonAttestation.Schema, CarbonMint.Schema,
            FhirPatient.Schema, FhirObservation.Schema, FhirEncounter.Schema, FhirConsent.Schema,
            FhirServiceRequest.Schema, FhirAppointment.Schema, FhirDocumentReference.Schema,
            Pacs008CreditTransfer.Schema, Pacs002StatusReport.Schema, Camt053Statement.Schema, Camt052Report.Schema,
            ModbusReadResponse.Schema, ModbusWriteResponse.Schema, ModbusEvent.Schema, OpcUaValue.Schema,
        ];
        EsfSchemaSet files = EsfSchemaSet.Load(new[] { "carbon", "health", "payments", "industrial" }
            .SelectMany(pack => Directory.GetFiles(RepositoryRoot.Combine("schemas", "esf-" + pack, "schemas"), "*.esf.yaml")));
        Assert.Equal(files.Schemas.Select(schema => schema.Id), compiled.Select(schema => schema.Id));
    }

    /// <summary>The canonical text has no traits: without them, a queue of generated types would keep messages forever, and messages would
    /// have no address.</summary>
    [Fact]
    public void Generated_types_have_the_traits_of_their_schemas()
    {
        foreach (EsfSchema compiled in (EsfSchema[])[IoTTelemetry.Schema, IoTAlert.Schema, EStreamOrder.Schema, EStreamQuote.Schema])
        {
            Assert.True(EsfSchemaSet.BuiltIn.TryGet(compiled.QualifiedName, out EsfSchema? file));
            SchemaTraits said = file.Definition.Traits;
            SchemaTraits known = compiled.Definition.Traits;
            Assert.Equal((said.Lattice, said.Path, said.Retention, said.Pattern),
                (known.Lattice, known.Path, known.Retention, known.Pattern));
            Assert.Equal(said.Path, compiled.Address?.Template);
        }

        Assert.Equal(TimeSpan.FromDays(90), EsfRetention.Longest([IoTTelemetry.Schema]));
    }

    [Fact]
    public void All_uses_of_a_named_object_share_one_view_and_one_writer()
    {
        byte[] buffer = new byte[1024];
        Pacs002StatusReport.Writer writer = Pacs002StatusReport.Write(buffer);
        writer.MessageId = "m"u8;
        writer.MessageDefinition = "pacs.002.001.10"u8;
        writer.CreatedAt = "2026"u8;
        Pacs002StatusReport.AgentWriter instructing = writer.BeginInstructingAgent();
        instructing.Bic = "CAIXESBB"u8;
        writer.EndInstructingAgent(instructing);
        Pacs002StatusReport.AgentWriter instructed = writer.BeginInstructedAgent();
        instructed.Bic = "ZKBKCHZZ"u8;
        writer.EndInstructedAgent(instructed);
        Pacs002StatusReport.View view = Pacs002StatusReport.View.Of(buffer.AsSpan(0, writer.Length));
        Assert.Equal("CAIXESBB ZKBKCHZZ", BicOf(view.InstructingAgent) + " " + BicOf(view.InstructedAgent));

        static string BicOf(Pacs002StatusReport.AgentView agent) => Encoding.UTF8.GetString(agent.Bic);
    }

    [Property(300, 10_000, Arbitrary = [typeof(TelemetryJson)])]
    public void Generated_and_dynamic_code_agree_on_any_telemetry(string json) => AgreeOnTelemetry(json);

    [Property(300, 10_000, Arbitrary = [typeof(QuoteJson)])]
    public void Generated_and_dynamic_code_agree_on_any_quote(string json) => AgreeOnQuote(json);

    [Fact]
    public void MaxLength_is_the_longest_message_of_a_bounded_type()
    {
        byte[] buffer = new byte[EStreamQuote.MaxLength];
        EStreamQuote.Writer writer = EStreamQuote.Write(buffer);
        writer.Instrument = new byte[32];
        writer.Source = new byte[32];
        Assert.Equal(EStreamQuote.MaxLength, writer.Length);
    }

    [Fact]
    public void Encoding_and_decoding_allocate_nothing()
    {
        byte[] buffer = new byte[512];
        long sum = 0;
        long allocated = AllocationMeter.OnThisThread(1000, () =>
        {
            IoTTelemetry.Writer writer = IoTTelemetry.Write(buffer);
            writer.DeviceId = "pump-7"u8;
            writer.SetMetricName("temperature");
            writer.Timestamp = 1;
            writer.Value = 20.5;
            writer.Unit = "°C"u8;
            writer.Quality = 98;
            var metadata = writer.BeginMetadata();
            metadata.Add("site"u8, "north"u8);
            writer.EndMetadata(metadata);
            IoTTelemetry.View view = IoTTelemetry.View.Of(buffer.AsSpan(0, writer.Length));
            sum += view.DeviceId.Length + view.Timestamp + view.Quality!.Value + view.Metadata.Count;
            foreach (var entry in view.Metadata)
            {
                sum += entry.Key.Length + entry.Value.Length;
            }

            sum += view.Metadata.TryGetValue("site"u8, out ReadOnlySpan<byte> site) ? site.Length : 0;
        });
        Assert.Equal(0, allocated);
        Assert.NotEqual(0, sum);
    }

    private static void AgreeOnTelemetry(string json)
    {
        byte[] expected = Encode(IoTTelemetry.Schema, json);
        IoTTelemetry.View view = IoTTelemetry.View.Of(expected);
        Assert.Equal(json, view.ToString());
        byte[] buffer = new byte[4096];
        IoTTelemetry.Writer writer = IoTTelemetry.Write(buffer);
        writer.DeviceId = view.DeviceId;
        writer.Timestamp = view.Timestamp;
        writer.MetricName = view.MetricName;
        writer.Value = view.Value;
        if (view.HasUnit)
        {
            writer.Unit = view.Unit;
        }

        if (view.Quality is byte quality)
        {
            writer.Quality = quality;
        }

        CopyNested(view, ref writer);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(buffer, 0, writer.Length));
    }

    private static void CopyNested(IoTTelemetry.View view, ref IoTTelemetry.Writer writer)
    {
        if (view.HasLocation)
        {
            IoTTelemetry.LocationWriter location = writer.BeginLocation();
            location.Latitude = view.Location.Latitude;
            location.Longitude = view.Location.Longitude;
            if (view.Location.AltitudeM is double altitude)
            {
                location.AltitudeM = altitude;
            }

            writer.EndLocation(location);
        }

        if (view.HasMetadata)
        {
            var metadata = writer.BeginMetadata();
            foreach (var entry in view.Metadata)
            {
                metadata.Add(entry.Key, entry.Value);
            }

            writer.EndMetadata(metadata);
        }
    }

    private static void AgreeOnQuote(string json)
    {
        byte[] expected = Encode(EStreamQuote.Schema, json);
        EStreamQuote.View view = EStreamQuote.View.Of(expected);
        byte[] buffer = new byte[EStreamQuote.MaxLength];
        EStreamQuote.Writer writer = EStreamQuote.Write(buffer);
        writer.Instrument = view.Instrument;
        writer.BidPrice = view.BidPrice;
        writer.BidQuantity = view.BidQuantity;
        writer.AskPrice = view.AskPrice;
        writer.AskQuantity = view.AskQuantity;
        writer.Timestamp = view.Timestamp;
        writer.Source = view.Source;
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(buffer, 0, writer.Length));
    }

    private static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] destination = new byte[4096];
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), destination, out int length);
        Assert.True(status.IsOk, status.ToString());
        return destination[..length];
    }

    private static ulong Id(string name) => EsfSchemaSet.BuiltIn.TryGet(name, out EsfSchema? schema) ? schema.Id : 0;

    /// <summary>The JSON of telemetry messages.</summary>
    public static class TelemetryJson
    {
        /// <summary>Any telemetry.</summary>
        public static Arbitrary<string> All() => JsonGen.Record(IoTTelemetry.Schema.Definition.Record).ToArbitrary();
    }

    /// <summary>The JSON of quotes.</summary>
    public static class QuoteJson
    {
        /// <summary>Any quote.</summary>
        public static Arbitrary<string> All() => JsonGen.Record(EStreamQuote.Schema.Definition.Record).ToArbitrary();
    }
}

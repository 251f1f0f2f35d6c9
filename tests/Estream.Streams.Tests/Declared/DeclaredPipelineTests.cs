using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>What declared stages make of messages.</summary>
public sealed class DeclaredPipelineTests : DeclaredCase
{
    private const string Hot = """
        hot:
          from: { queue: readings, schema: Reading }
          stages:
            - filter: value ?? 0 > 10.0 or has(count)
            - transform:
                schema: acme.Hot
                set: { name: device, celsius: (value - 32) / 1.8, small: count, is_hot: "value > 100.0 ?? false", state: "if(value > 100.0, Busy, Idle)" }
          to: { queue: hot }
          rejected: dead
        """;

    [Fact]
    public void A_message_of_an_earlier_version_without_private_values_is_copied_as_it_is()
    {
        EsfSchemaSet before = EsfSchemaSet.Parse(
            new EsfSchemaFile("acme.esf.yaml",
                "version: \"1.0\"\nnamespace: acme\nschemas: { Secret: { fields: { device: { type: string(32) } } } }\n"));
        Assert.True(before.TryGet("Secret", out EsfSchema? earlier));
        byte[] message = new byte[200];
        Assert.True(EsfJson.TryEncode(earlier, """{"device":"a"}"""u8, message, out int length).IsOk);
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using TempDirectory directory = new();
        using Resources places = new(directory.Path, EsfAudienceKeys.None.With("default", key.PublicKey));
        using (QueueAppender appender = places.Queue("secrets").CreateAppender())
        {
            appender.Append(message.AsSpan(0, length));
        }

        Assert.True(Known.TryGet("Secret", out EsfSchema? now) && EsfValidator.CheckStored(now, message.AsSpan(0, length)).IsOk);
        using RunningPipeline copy = Declare("copy: { from: { queue: secrets, schema: Secret }, to: { queue: copies } }").Open(places);
        Assert.Equal(1, copy.Results.RunToEnd());
        using QueueTailer copies = places.Queue("copies").CreateTailer();
        Assert.True(copies.TryRead(out QueueMessage copied) && copied.Payload.SequenceEqual(message.AsSpan(0, length)));
    }

    [Fact]
    public void Messages_are_filtered_and_transformed()
    {
        Append(
            "readings", "Reading",
            """{"device":"a","at":1,"value":50}""",
            """{"device":"b","at":2,"value":5}""",
            """{"device":"c","at":3,"value":212,"count":7}""",
            """{"device":"d","at":4,"count":-1}""",
            """{"device":"e","at":5,"count":3}""");
        Append("readings", "Limit", """{"device":"x","at":1,"high":2}""");
        using RunningPipeline running = Run(Hot.Replace("\"value > 100.0 ?? false\"", "(value ?? 0) > 100.0", StringComparison.Ordinal));
        Assert.Equal(
            [
                """{"name":"a","celsius":10,"is_hot":false,"state":"Idle"}""",
                """{"name":"c","celsius":100,"small":7,"is_hot":true,"state":"Busy"}""",
                """{"name":"e","small":3,"is_hot":false}""",
            ],
            Read("hot"));
        Assert.Equal(1, running.Rejected);
        Assert.Equal(1, running.Results.Passed);
        string letter = Assert.Single(Read("dead"));
        Assert.Contains(
            "\"source\":\"hot\",\"topic\":\"readings\",\"reason\":\"the field 'small' of acme.Hot gets no value that fits from 'count'\"",
            letter, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(Encode("Reading", """{"device":"d","at":4,"count":-1}""")), letter,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_rejected_message_with_private_values_in_clear_the_dead_letter_has_the_reason_alone()
    {
        // Somebody has appended bytes of their own, and sealed nothing.
        Append("secrets", "Secret", """{"device":"a","badge":"canary-7731"}""", """{"device":"b"}""");
        using RunningPipeline running = Run("""
            numbered:
              from: { queue: secrets, schema: Secret }
              stages:
                - transform: { schema: Numbered, set: { id: "length(device) - 2", events: "1" } }
              to: { queue: numbered }
              rejected: dead
            """);
        Assert.Equal(2, running.Rejected);
        List<string> letters = Read("dead");
        Assert.Equal(2, letters.Count);
        Assert.All(letters,
            letter => Assert.Contains("the field 'id' of acme.Numbered gets no value that fits", letter, StringComparison.Ordinal));
        Assert.Contains("the message is not kept", letters[0], StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower("canary-7731"u8), letters[0], StringComparison.Ordinal);

        // Where nothing private is, nothing is left out.
        Assert.Contains(Convert.ToHexStringLower(Encode("Secret", """{"device":"b"}""")), letters[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_pipeline_writes_each_result_and_reject_once()
    {
        string pipeline = Hot.Replace("\"value > 100.0 ?? false\"", "true", StringComparison.Ordinal);
        for (int i = 0; i < 3; i++)
        {
            Append("readings", "Reading", """{"device":"a","at":1,"value":50}""", """{"device":"d","at":4,"count":-1}""");
            Run(pipeline).Dispose();
            Assert.Equal((i + 1, i + 1), (Read("hot").Count, Read("dead").Count));
        }
    }

    [Fact]
    public void A_message_is_widened_and_kept_in_a_map()
    {
        Append("hots", "Hot", """{"name":"a","is_hot":true}""", """{"name":"b","celsius":1,"is_hot":false,"state":"Busy"}""",
            """{"name":"a","small":9,"is_hot":false}""");
        using RunningPipeline running = Run("""
            placed:
              from: { queue: hots, schema: Hot }
              stages:
                - widen: { schema: Placed, set: { floor: "length(name) + 1" } }
                - filter: floor > 1
              to: { map: places, key: name }
            """);
        Assert.Equal("""{"name":"a","small":9,"is_hot":false,"floor":2}""", Entry("places", "a"));
        Assert.Equal("""{"name":"b","celsius":1,"is_hot":false,"state":"Busy","floor":2}""", Entry("places", "b"));
        Assert.Equal(2, Resources.Map("places").Count);
    }

    [Fact]
    public void A_damaged_message_that_cannot_be_widened_is_rejected_and_stops_nothing()
    {
        using (QueueAppender appender = Resources.Queue("hots").CreateAppender())
        {
            // Its name leads out of it by a byte.
            appender.Append(Encode("Hot", """{"name":"a","is_hot":true}""").AsSpan()[..^1]);
        }

        Append("hots", "Hot", """{"name":"b","is_hot":true}""");
        using RunningPipeline running = Run(
            "placed: { from: { queue: hots, schema: Hot }, stages: [{ widen: { schema: Placed, set: { floor: \"1\" } } }], to: { queue: "
            + "placed }, rejected: dead }");
        Assert.Equal(1, running.Rejected);
        Assert.Equal(["""{"name":"b","is_hot":true,"floor":1}"""], Read("placed"));
        Assert.Contains("cannot be converted to acme.Placed", Assert.Single(Read("dead")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_can_neither_be_stored_as_it_is_nor_be_sealed_is_rejected_and_stops_nothing()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using TempDirectory directory = new();
        using Resources places = new(directory.Path, EsfAudienceKeys.None.With("default", key.PublicKey));
        using (QueueAppender appender = places.Queue("secrets").CreateAppender())
        {
            // Somebody has appended bytes of their own: the badge leads out of the first one by a byte.
            appender.Append(Encode("Secret", """{"device":"a","badge":"canary"}""").AsSpan()[..^1]);
            appender.Append(Encode("Secret", """{"device":"b","badge":"4711"}"""));
            appender.Append(Encode("Secret", """{"device":"c"}"""));
        }

        using RunningPipeline copy = Declare("copy: { from: { queue: secrets, schema: Secret }, to: { queue: copies }, rejected: dead }")
            .Open(places);
        RunToEnd(copy);
        Assert.Equal((1L, 2, 1), (copy.Rejected, CountOf("copies"), CountOf("dead")));

        int CountOf(string queue)
        {
            using QueueTailer tailer = places.Queue(queue).CreateTailer();
            int count = 0;
            while (tailer.TryRead(out _))
            {
                count++;
            }

            return count;
        }
    }

    [Fact]
    public void A_pipeline_looks_up_a_map()
    {
        Append("limits", "Limit", """{"device":"a","at":1,"high":10}""");
        Run("limits: { from: { queue: limits, schema: Limit }, to: { map: limits, key: device } }").Dispose();
        Append("readings", "Reading", """{"device":"a","at":1,"value":12.5}""", """{"device":"b","at":1,"value":1}""");
        const string Lookup = """
            NAME:
              from: { queue: readings, schema: Reading }
              stages:
                - lookup: { map: limits, holds: Limit, as: limit, key: device, optional: OUTER, schema: Checked, set: { device: device, above: value - limit.high } }
              to: { queue: NAME }
            """;
        Run(Lookup.Replace("NAME", "inner", StringComparison.Ordinal).Replace("OUTER", "false", StringComparison.Ordinal)).Dispose();
        Run(Lookup.Replace("NAME", "outer", StringComparison.Ordinal).Replace("OUTER", "true", StringComparison.Ordinal)).Dispose();
        Assert.Equal(["""{"device":"a","above":2.5}"""], Read("inner"));
        Assert.Equal(["""{"device":"a","above":2.5}""", """{"device":"b"}"""], Read("outer"));
    }

    [Fact]
    public void A_message_that_does_not_fit_where_it_goes_is_rejected()
    {
        string device = new('x', 32);
        Append("readings", "Reading", $$"""{"device":"{{device}}","at":1,"value":1}""", """{"device":"a","at":1}""");
        using (RunningPipeline small = Run(
            "small: { from: { queue: readings, schema: Reading }, stages: [{ transform: { schema: Checked, set: { device: device } } }], "
            + "to: { queue: small }, max_bytes: 60 }"))
        {
            Assert.Equal(1, small.Rejected);
            Assert.Single(Read("small"));
        }

        using RunningPipeline keyed =
            Run("keyed: { from: { queue: readings, schema: Reading }, to: { map: m, key: count }, rejected: nokey }");
        Assert.Equal(2, keyed.Rejected);
        Assert.Equal(2, Read("nokey").Count);
        Assert.Contains("the key 'count' of the map has no value", Read("nokey")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Private_fields_are_sealed_where_they_go_and_what_is_sealed_stays_sealed()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate();
        using TempDirectory directory = new();
        using Resources places = new(directory.Path, EsfAudienceKeys.None.With("default", key.PublicKey));
        using (QueueAppender appender = places.Queue("readings").CreateAppender())
        {
            appender.Append(Encode("Reading", """{"device":"badge-4711","at":1}"""));
        }

        using (RunningPipeline secret = Declare(
            "secret: { from: { queue: readings, schema: Reading }, stages: [{ transform: { schema: Secret, set: { device: device, badge: "
            + "device } } }], to: { queue: secrets } }").Open(places))
        using (RunningPipeline copy = Declare(
            "copy: { from: { queue: secrets, schema: Secret }, stages: [{ filter: 'startsWith(device, \"badge\")' }], to: { queue: "
            + "copies } }").Open(places))
        {
            secret.Results.RunToEnd();
            copy.Results.RunToEnd();
        }

        using QueueTailer secrets = places.Queue("secrets").CreateTailer();
        using QueueTailer copies = places.Queue("copies").CreateTailer();
        Assert.True(secrets.TryRead(out QueueMessage one) && copies.TryRead(out QueueMessage two)
            && one.Payload.SequenceEqual(two.Payload));
        Assert.True(Known.TryGet("Secret", out EsfSchema? schema));
        Assert.True(EsfValidator.CheckStored(schema, one.Payload).IsOk);
        Assert.Contains("$withheld", EsfJson.ToText(schema, one.Payload), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_of_its_schema_that_cannot_be_read_ends_the_run()
    {
        Append("readings", "Reading", """{"device":"a","at":1}""");
        using (QueueAppender appender = Resources.Queue("readings").CreateAppender())
        {
            appender.Append(Encode("Reading", """{"device":"a","at":1}""").AsSpan(0, 30));
        }

        using RunningPipeline running = Declare("copy: { from: { queue: readings, schema: Reading }, to: { queue: copies } }")
            .Open(Resources);
        Assert.Throws<EstreamFormatException>(() => running.Results.RunToEnd());
    }

    [Fact]
    public void A_source_takes_the_messages_of_some_addresses()
    {
        const string Some =
            "some: { from: { queue: limits, schema: Limit, lattice: acme.*, path: /devices/b%2Fc/** }, to: { queue: some } }";
        Append("limits", "Limit", """{"device":"a","at":1,"high":1}""", """{"device":"b/c","at":1,"high":2}""",
            """{"device":"b","at":1,"high":3}""");
        using (RunningPipeline some = Run(Some))
        {
            Assert.Equal(2, some.Results.Passed);
            Assert.Contains("\"high\":2", Assert.Single(Read("some")), StringComparison.Ordinal);
        }

        // Those that were left out are consumed, as those that were taken.
        Append("limits", "Limit", """{"device":"b/c","at":1,"high":4}""");
        using RunningPipeline later = Declare(Some).Open(Resources);
        Assert.Equal(1, later.Results.RunToEnd());
        Assert.Equal(2, Read("some").Count);
    }

    [Fact]
    public void A_message_whose_address_cannot_be_told_ends_the_run()
    {
        using (QueueAppender appender = Resources.Queue("limits").CreateAppender())
        {
            // The text of the device is not there.
            appender.Append(Encode("Limit", """{"device":"a","at":1,"high":1}""").AsSpan()[..^1]);
        }

        using RunningPipeline running = Declare("some: { from: { queue: limits, schema: Limit, path: /devices/** }, to: { queue: some } }")
            .Open(Resources);
        Assert.Contains("the address of the message of acme.Limit cannot be told: field 'device'",
            Assert.Throws<EstreamFormatException>(() => running.Results.RunToEnd()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", 0)]
    [InlineData("b", 1)]
    public void Choosing_an_event_by_its_address_allocates_nothing(string device, int taken)
    {
        const int Events = 60_000;
        using (QueueAppender appender = Resources.Queue("limits").CreateAppender())
        {
            byte[] limit = Encode("Limit", """{"device":"b","at":1,"high":12.5}""");
            for (int i = 0; i < Events; i++)
            {
                appender.Append(limit);
            }
        }

        using RunningPipeline running = Declare(
            $"chosen: {{ from: {{ queue: limits, schema: Limit, path: /devices/{device}/* }}, to: {{ map: chosen, key: device }} }}")
                .Open(Resources);
        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            running.Results.StartOver();
            running.Results.RunToEnd();
        });
        Assert.InRange(allocated, 0, Events / 5);
        Assert.Equal(taken, Resources.Map("chosen").Count);
    }

    [Fact]
    public void An_event_allocates_nothing()
    {
        Append("limits", "Limit", """{"device":"a","at":1,"high":10}""");
        Run("limits: { from: { queue: limits, schema: Limit }, to: { map: limits, key: device } }").Dispose();
        using QueueAppender appender = Resources.Queue("readings").CreateAppender();
        byte[] reading = Encode("Reading", """{"device":"a","at":1,"value":12.5}""");
        using RunningPipeline running = Declare("""
            checked:
              from: { queue: readings, schema: Reading }
              stages:
                - filter: value > 10
                - lookup: { map: limits, holds: Limit, as: limit, key: device, schema: Checked, set: { device: device, above: value - limit.high } }
              to: { map: checked, key: device }
            """).Open(Resources);
        const int Events = 60_000;
        for (int i = 0; i < Events; i++)
        {
            appender.Append(reading);
        }

        long allocated = AllocationMeter.OnThisThread(1, () =>
        {
            running.Results.StartOver();
            if (running.Results.RunToEnd() != Events)
            {
                throw new InvalidOperationException("Not all events were taken.");
            }
        });

        // Beginning again may, and making permanent what thousands have made; an event may not.
        Assert.InRange(allocated, 0, Events / 5);
        Assert.Equal("""{"device":"a","above":2.5}""", Entry("checked", "a"));
    }
}

using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Property: for any requests in any order, a circuit gives the same results as the direct calls it represents.</summary>
public sealed class OperationPropertyTests : OperationCase
{
    private static readonly Gen<Call> s_call =
        from isPut in Gen.Elements(true, false)
        from key in FewBytes
        from value in FewBytes
        from expected in FewBytes
        from version in Gen.Choose(-1, 12)
        from way in Gen.Choose(0, 2)
        from time in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from passes in Gen.Choose(0, 2)
        select new Call(isPut, key, value, way == 0 ? expected : null, way == 1 ? version : null, time, passes);

    [Fact]
    public void Append_operations_equal_direct_appends()
    {
        EstreamQueue log = Queue("log");
        EstreamQueue other = Queue("other");
        using QueueAppender direct = other.CreateAppender(AppenderMode.Exclusive);
        OperationCircuit append = Open("queue.append", With(log) with { Appending = AppenderMode.Exclusive });
        Check(FewBytes.ListOf(), payloads =>
        {
            MessageBatch results = new();
            append.Run(Batch(append, payloads.Select(payload => $$"""{"payload":"{{Convert.ToHexString(payload)}}"}""")), results);
            Assert.Equal(
                payloads.Select(payload =>
                    $$"""{"status":"Done","position":{{direct.Append(payload)}},"sequence":{{direct.NextSequence - 1}}}"""),
                Texts(append, results));
        });
        Assert.Equal(Texts(other), Texts(log));
    }

    [Fact]
    public void Append_batch_operations_equal_direct_batches()
    {
        EstreamQueue log = Queue("log");
        EstreamQueue other = Queue("other");
        using QueueAppender direct = other.CreateAppender(AppenderMode.Exclusive);
        OperationCircuit append = Open("queue.append_batch", With(log) with { Appending = AppenderMode.Exclusive });
        Check(FewBytes.ListOf(), payloads =>
        {
            ReadOnlyMemory<byte>[] messages = [.. payloads.Select(payload => new ReadOnlyMemory<byte>(payload))];
            long position = direct.AppendBatch(messages);
            string expected = messages.Length == 0
                ? """{"status":"Done"}"""
                : $$"""{"status":"Done","position":{{position}},"sequence":{{direct.NextSequence - messages.Length}}}""";
            string items = string.Join(',', payloads.Select(payload => $"\"{Convert.ToHexString(payload)}\""));
            Assert.Equal(expected, Do(append, $$"""{"payloads":[{{items}}]}"""));
        });
        Assert.Equal(Texts(other), Texts(log));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Put_and_cas_operations_equal_direct_calls_of_a_map(bool hasVersions)
    {
        OperationMap map = MapOf(hasVersions, "state");
        OperationMap other = MapOf(hasVersions, "other");
        OperationCircuit put = Open("map.put", With(map));
        OperationCircuit cas = Open("map.cas", With(map));
        Check(s_call.ListOf(), calls =>
        {
            foreach (Call call in calls)
            {
                string expected = call.Directly(other);
                Assert.Equal(expected, Do(call.IsPut ? put : cas, call.Json));
                Clock.Pass(TimeSpan.FromTicks(call.Passes));
            }
        });
        Assert.Equal(Entries(other), Entries(map));
        Assert.NotEmpty(Entries(map));
    }

    private static void Check<T>(Gen<T> gen, Action<T> body) =>
        Prop.ForAll(gen.ToArbitrary(), body).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(100, 5_000)));

    private static MessageBatch Batch(OperationCircuit circuit, IEnumerable<string> requests)
    {
        MessageBatch batch = new();
        foreach (string request in requests)
        {
            batch.Append(Encode(circuit.Operation.Request, request));
        }

        return batch;
    }

    private static List<string> Texts(OperationCircuit circuit, MessageBatch results)
    {
        List<string> texts = [];
        for (int i = 0; i < results.Count; i++)
        {
            texts.Add(Esf.EsfJson.ToText(circuit.Operation.Result, results[i]));
        }

        return texts;
    }

    /// <summary>A put, or a compare-and-exchange that expects a value, a version or neither. The entry expires after <c>Ticks</c> ticks, or
    /// never if 0.</summary>
    private sealed record Call(bool IsPut, byte[] Key, byte[] Value, byte[]? Expected, int? Version, int Ticks, int Passes)
    {
        public string Json
        {
            get
            {
                string rest = Ticks > 0 ? $$""","time_to_live":{{Ticks * 100}}""" : "";
                rest += IsPut ? "" : (Expected is null ? "" : $$""","expected":"{{Convert.ToHexString(Expected)}}" """)
                    + (Version is null ? "" : $$""","expected_version":{{Version}}""");
                return $$"""{"key":"{{Convert.ToHexString(Key)}}","value":"{{Convert.ToHexString(Value)}}"{{rest}}}""";
            }
        }

        /// <summary>Makes the same call directly on the map.</summary>
        public string Directly(OperationMap map)
        {
            if (!IsPut && (Expected is null == Version is null || Version < 0))
            {
                return """{"status":"Invalid"}""";
            }

            return map.Versioned is VersionedByteMap versioned ? Directly(versioned) : Directly(map.Plain!);
        }

        public override string ToString() => $"{(IsPut ? "put" : "cas")} {Json}, then {Passes} ticks";

        private string Directly(ByteMap map)
        {
            if (Ticks > 0 || (!IsPut && Version > 0))
            {
                return """{"status":"Unversioned"}""";
            }

            string status = IsPut ? map.Put(Key, Value) ? "Created" : "Replaced"
                : Version == 0 ? map.TryAdd(Key, Value) ? "Created" : "Conflict"
                : map.CompareExchange(Key, Expected, Value) ? "Replaced"
                : map.ContainsKey(Key) ? "Conflict" : "Absent";
            return $$"""{"status":"{{status}}"}""";
        }

        private string Directly(VersionedByteMap map)
        {
            TimeSpan? time = Ticks > 0 ? TimeSpan.FromTicks(Ticks) : null;
            bool isThere = map.TryGet(Key, out byte[]? value, out long version);
            if (IsPut)
            {
                return Result(isThere ? "Replaced" : "Created", map.Put(Key, Value, time));
            }

            if (Expected is not null)
            {
                return !isThere ? Result("Absent", 0) : !Expected.SequenceEqual(value!)
                    ? Result("Conflict", version)
                    : Result("Replaced", map.Put(Key, Value, time));
            }

            return map.CompareExchange(Key, Version!.Value, Value, out long now, time)
                ? Result(Version == 0 ? "Created" : "Replaced", now)
                : Result(isThere ? "Conflict" : "Absent", now);
        }

        private static string Result(string status, long version) => version == 0
            ? $$"""{"status":"{{status}}"}"""
            : $$"""{"status":"{{status}}","version":{{version}}}""";
    }
}

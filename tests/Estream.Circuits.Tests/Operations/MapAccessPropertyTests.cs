using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Circuits.Tests.Operations;

/// <summary>Property: whatever was stored and expired, gets and removes equal direct calls of the map.</summary>
public sealed class MapAccessPropertyTests : OperationCase
{
    private const int Put = 0;
    private const int Get = 1;
    private const int Remove = 2;
    private const int RemoveVersion = 3;

    private static readonly Gen<Call> s_call =
        from what in Gen.Choose(Put, RemoveVersion)
        from key in FewBytes
        from value in FewBytes
        from off in Gen.Choose(-1, 1)
        from time in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from passes in Gen.Choose(0, 2)
        select new Call(what, key, value, off, time, passes);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gets_and_removes_equal_direct_calls_of_a_map(bool hasVersions)
    {
        OperationMap map = MapOf(hasVersions, "state");
        OperationMap other = MapOf(hasVersions, "other");
        OperationCircuit get = Open("map.get", With(map));
        OperationCircuit remove = Open("map.remove", With(map));
        int found = 0;
        Prop.ForAll(s_call.ListOf().ToArbitrary(), calls =>
        {
            foreach (Call call in calls)
            {
                long version = call.VersionIn(other);
                string expected = call.Directly(other, version);
                Assert.Equal(expected,
                    call.What == Put ? call.Directly(map, version) : Do(call.What == Get ? get : remove, call.Json(version)));
                found += expected.Contains("Done", StringComparison.Ordinal) ? 1 : 0;
                Clock.Pass(TimeSpan.FromTicks(call.Passes));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(100, 5_000)));
        Assert.True(found > 0, "some were there");
        Assert.Equal(Entries(other), Entries(map));
    }

    /// <summary>A direct put, or a get or remove by circuit. The version that a remove expects is the right version or off by
    /// one.</summary>
    private sealed record Call(int What, byte[] Key, byte[] Value, int Off, int Ticks, int Passes)
    {
        public long VersionIn(OperationMap map) =>
            (map.Versioned is not null && map.Versioned.TryGetVersion(Key, out long version, out _) ? version : 1) + Off;

        public string Json(long version)
        {
            string rest = What == RemoveVersion ? $$""","expected_version":{{version}}""" : "";
            return $$"""{"key":"{{Convert.ToHexString(Key)}}"{{rest}}}""";
        }

        /// <summary>Makes the same call directly on the map.</summary>
        public string Directly(OperationMap map, long version) =>
            What == RemoveVersion && version <= 0 ? Result("Invalid")
                : map.Versioned is VersionedByteMap versioned ? Directly(versioned, version)
                : Directly(map.Plain!);

        public override string ToString() => $"{What} {Json(0)} {Convert.ToHexString(Value)} for {Ticks}, {Off} off, then {Passes} ticks";

        private string Directly(ByteMap map)
        {
            switch (What)
            {
                case Put:
                    return map.Put(Key, Value) ? "new" : "there";
                case Get:
                    return map.TryGet(Key, out byte[]? value) ? Result("Done", value) : Result("Absent");
                case Remove:
                    return Result(map.Remove(Key) ? "Done" : "Absent");
                default:
                    return Result("Unversioned");
            }
        }

        private string Directly(VersionedByteMap map, long version)
        {
            switch (What)
            {
                case Put:
                    TimeSpan? time = Ticks > 0 ? TimeSpan.FromTicks(Ticks) : null;
                    return $"{map.Put(Key, Value, time)}";
                case Get:
                    return map.TryGet(Key, out byte[]? value, out long found) ? Result("Done", value, found) : Result("Absent");
                case Remove:
                    return Result(map.Remove(Key) ? "Done" : "Absent");
                default:
                    return map.Remove(Key, version) ? Result("Done") : map.TryGetVersion(Key, out long now, out _)
                        ? Result("Conflict", null, now)
                        : Result("Absent");
            }
        }

        private static string Result(string status, byte[]? value = null, long version = 0)
        {
            string text = $"{{\"status\":\"{status}\"";
            text += value is null ? "" : $",\"value\":\"{Convert.ToHexStringLower(value)}\"";
            text += version == 0 ? "" : $",\"version\":{version}";
            return text + "}";
        }
    }
}

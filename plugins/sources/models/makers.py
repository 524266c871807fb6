"""The country in which the maker of a model has its seat: what the sources of
models have in common. Makers go by many names: those of Hugging Face, of
OpenRouter and of price lists are all here, in small letters."""

_MAKERS = """
ARE: inceptionai tiiuae
CAN: cohere coherelabs cohereforai
CHE: swiss-ai
CHN: 01-ai alibaba baai baichuan-inc baidu bytedance bytedance-seed deepseek
     deepseek-ai inclusionai internlm meituan meituan-longcat minimax minimaxai
     moonshot-ai moonshotai opengvlab openbmb opensensenova pangu-team qwen
     skywork stepfun stepfun-ai tencent tencent-hunyuan thudm xiaomi xiaomimimo
     z-ai z.ai zai-org
DEU: aleph-alpha black-forest-labs
FRA: mistral mistralai
GBR: stabilityai
ISR: ai21 ai21labs
JPN: pfnet sakanaai
KOR: lgai-exaone naver-hyperclovax skt upstage
USA: ai2 allenai amazon anthropic apple arcee-ai databricks eleutherai
     essentialai facebook google ibm-granite inception liquid liquidai meta-ai
     meta-llama microsoft nousresearch nvidia openai perplexity salesforce servicenow-ai
     snowflake thinkingmachines x-ai xai xai-org
"""


def _parse(table):
    countries = {}
    country = ""
    for word in table.split():
        if word.endswith(":"):
            country = word[:-1]
        else:
            countries[word] = country
    return countries


COUNTRIES = _parse(_MAKERS)


def country_of(maker):
    """ISO 3166 alpha-3, or None where the maker is not known."""
    return COUNTRIES.get(maker.lower())
